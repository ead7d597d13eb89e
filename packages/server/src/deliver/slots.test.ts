import { expect, it } from 'vitest'
import { sampleSubscription } from '../dialects/samples.ts'
import type { Breaker } from './breaker.ts'
import { Lane } from './lane.ts'
import { LaneProgress } from './lane-progress.ts'
import { Slots } from './slots.ts'

const policy = {
  success: '2xx' as const,
  retryDelaysSeconds: [],
  jitter: 0,
  honoursRetryAfter: true,
  disablesOnGone: true,
  afterLastAttempt: 'keep' as const,
  disableAfterFailingMs: null,
  retriesWhileDisabled: false,
}

function laneWith(state: { hasSucceeded?: boolean; breaker?: Breaker; failingSince?: string }): Lane {
  const subscription = sampleSubscription('standard', { failingSince: state.failingSince ?? null })
  const lane = new Lane(subscription, policy, new LaneProgress({ mode: 'shared', position: 0, sequence: 0 }))
  lane.hasSucceeded = state.hasSucceeded ?? false
  if (state.breaker) lane.breaker = state.breaker
  return lane
}

const hanging = () => laneWith({ breaker: { state: 'closed', failures: 1 } })

function fill(slots: Slots, make: () => Lane): number {
  let count = 0
  for (let lane = make(); slots.isFreeFor(lane); lane = make()) {
    slots.occupy(lane)
    count += 1
  }
  return count
}

it('leaves slots for endpoints that answer, however many others hang', () => {
  const slots = new Slots(100)
  expect(fill(slots, hanging)).toBe(25)
  expect(fill(slots, () => laneWith({}))).toBe(50)
  expect(fill(slots, () => laneWith({ hasSucceeded: true }))).toBe(25)
  expect(slots.used).toBe(100)
})

it('knows endpoints that failed before a restart as suspects', () => {
  expect(fill(new Slots(100), () => laneWith({ failingSince: '2026-01-01T00:00:00Z' }))).toBe(25)
})

it('names those that wait in turn when a slot is freed', () => {
  const slots = new Slots(4)
  const first = hanging()
  const free = slots.occupy(first)
  const [second, third] = [hanging(), hanging()]
  expect(slots.isFreeFor(second)).toBe(false)
  expect(slots.isFreeFor(third)).toBe(false)
  expect(free()).toEqual([second])
  slots.forget(third)
  expect(slots.occupy(second)()).toEqual([])
})
