import { describe, expect, test } from 'vitest'
import { makeTestSubscriptions, operator, refusalOf } from './fixtures/test-subscriptions.ts'

test('a new subscription begins where it was asked to, before it is stored', async () => {
  const { create, placed, directory, subscriptions } = await makeTestSubscriptions(({ readings, registry }) => ({
    readings: {
      ...readings,
      place(number, beginning) {
        expect(registry.directory.subscriptions.size).toBe(0)
        return readings.place(number, beginning)
      },
    },
  }))
  await create({ start: { offsets: { invoices: 'x' } } })
  expect(placed).toMatchObject([[1, { mode: 'own', position: 60 }, { reason: 'start', skips: null }]])
  const [made] = [...directory.subscriptions.values()]
  expect(subscriptions.get(operator, made!.id).topicFloors).toEqual({ invoices: 60, orders: 40, '*': 100 })
})

describe('enabled from a time', () => {
  test('it reads on by itself, and what lies before is noted as left out', async () => {
    const { create, placed, subscriptions } = await makeTestSubscriptions()
    const { id } = await create()
    await subscriptions.disable(operator, id)
    placed.length = 0
    await subscriptions.reading.moveTo(operator, id, { time: '2026-01-01T00:00:00Z' })
    expect(placed).toEqual([
      [1, { mode: 'own', position: 30, topicFloors: null }, { reason: 'enable', skips: 'enabled_from_time' }],
    ])
  })

  test('it is left alone when somebody else enabled it meanwhile', async () => {
    const { create, placed, subscriptions } = await makeTestSubscriptions()
    const { id } = await create()
    placed.length = 0
    await subscriptions.reading.moveTo(operator, id, 'now')
    expect(placed).toEqual([])
  })
})

describe('a rewind', () => {
  test('goes back, and its record says when', async () => {
    const { create, placed, subscriptions, clock } = await makeTestSubscriptions()
    const { id } = await create()
    placed.length = 0
    await clock.advance(1_000)
    expect(await subscriptions.reading.rewind(operator, id, 'earliest')).toBe(0)
    expect(placed).toEqual([[1, { mode: 'own', position: 0, topicFloors: null }, { reason: 'rewind', skips: null }]])
    const now = '2026-01-01T00:00:01.000Z'
    expect(subscriptions.get(operator, id)).toMatchObject({ replayedAt: now, updatedAt: now })
  })

  test('skips nothing that is undelivered: it never goes beyond what is settled', async () => {
    const { create, placed, subscriptions } = await makeTestSubscriptions()
    const { id } = await create()
    placed.length = 0
    expect(await subscriptions.reading.rewind(operator, id, { offsets: { invoices: 'x' } })).toBe(50)
    const topicFloors = { invoices: 50, orders: 40, '*': 50 }
    expect(placed).toMatchObject([[1, { mode: 'own', position: 50, topicFloors }, { reason: 'rewind' }]])
    expect(subscriptions.get(operator, id).topicFloors).toEqual(topicFloors)
  })
})

describe('catching up', () => {
  test('is paused, resumed and cancelled by number', async () => {
    const { create, catchUps, subscriptions } = await makeTestSubscriptions()
    const { id } = await create()
    const { reading } = subscriptions
    for (const act of ['pauseCatchUp', 'resumeCatchUp', 'cancelCatchUp'] as const) {
      expect((await reading[act](operator, id)).id).toBe(id)
    }
    expect(catchUps).toEqual(['pause 1', 'resume 1', 'cancel 1'])
  })

  test('is refused while the subscription is disabled, each with what to do instead', async () => {
    const { create, catchUps, subscriptions } = await makeTestSubscriptions()
    const { id } = await create()
    await subscriptions.disable(operator, id)
    const { reading } = subscriptions
    const advice: string[] = []
    for (const act of ['pauseCatchUp', 'resumeCatchUp', 'cancelCatchUp'] as const) {
      const { code, message } = await refusalOf(reading[act](operator, id))
      expect(code).toBe('subscription_disabled')
      advice.push(message)
    }
    expect(new Set(advice).size).toBe(3)
    expect(catchUps).toEqual([])
  })
})
