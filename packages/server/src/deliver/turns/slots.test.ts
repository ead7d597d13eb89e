import { expect, it } from 'vitest'
import type { Entrant } from './entrant.ts'
import { type EntrantState, entrantWith } from './fixtures/entrant.ts'
import { Slots } from './slots.ts'

const hanging = (integrationId?: string) =>
  entrantWith({ breaker: { state: 'closed', failures: 1 }, ...(integrationId && { integrationId }) })

function fill(slots: Slots<Entrant>, make: () => Entrant): number {
  let count = 0
  for (let entrant = make(); slots.isFreeFor(entrant); entrant = make()) {
    slots.occupy(entrant)
    count += 1
  }
  return count
}

it('leaves slots for endpoints that answer, however many others hang', () => {
  const slots = new Slots<Entrant>(100)
  let integrations = 0
  const ofMany = (state: EntrantState) => () => entrantWith({ ...state, integrationId: `int_${++integrations}` })
  expect(fill(slots, ofMany({ breaker: { state: 'closed', failures: 1 } }))).toBe(25)
  expect(fill(slots, ofMany({}))).toBe(50)
  expect(fill(slots, ofMany({ hasSucceeded: true }))).toBe(25)
  expect(slots.used).toBe(100)
})

it('leaves slots for other integrations, however many endpoints of one hang', () => {
  const slots = new Slots<Entrant>(100)
  expect(fill(slots, () => hanging('int_greedy'))).toBe(20)
  expect(fill(slots, () => hanging('int_second'))).toBe(4)
  expect(slots.isFreeFor(hanging('int_third'))).toBe(true)
})

it('gives everything back', () => {
  const slots = new Slots<Entrant>(100)
  const taken = Array.from({ length: 20 }, () => slots.occupy(hanging()))
  expect(slots.isFreeFor(hanging())).toBe(false)
  for (const slot of taken) slots.free(slot)
  expect(slots.used).toBe(0)
  expect(fill(slots, hanging)).toBe(20)
})

it('knows endpoints that failed before a restart as suspects', () => {
  expect(fill(new Slots<Entrant>(100), () => entrantWith({ failingSince: '2026-01-01T00:00:00Z' }))).toBe(20)
})

it('names those that wait in turn when a slot is freed', () => {
  const slots = new Slots<Entrant>(4)
  const first = hanging()
  const slot = slots.occupy(first)
  const [second, third] = [hanging(), hanging()]
  expect(slots.isFreeFor(second)).toBe(false)
  expect(slots.isFreeFor(third)).toBe(false)
  expect(slots.next()).toBeUndefined()
  slots.free(slot)
  expect(slots.next()).toBe(second)
  slots.forget(third)
  expect(slots.next()).toBeUndefined()
})

it('names those of an integration that holds less before those of one that holds too much', () => {
  const slots = new Slots<Entrant>(100)
  const taken = Array.from({ length: 20 }, () => slots.occupy(hanging('int_greedy')))
  for (let index = 0; index < 4; index += 1) slots.occupy(hanging('int_second'))
  const greedy = hanging('int_greedy')
  const second = hanging('int_second')
  expect(slots.isFreeFor(greedy)).toBe(false)
  expect(slots.isFreeFor(second)).toBe(false)
  slots.free(taken[0]!)
  expect(slots.next()).toBe(second)
  expect(slots.next()).toBeUndefined()
})
