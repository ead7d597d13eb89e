import { expect, test } from 'vitest'
import type { Standing } from '../../core/delivery/standing.ts'
import { ManualClock } from '../../core/time/clock.ts'
import { laneWith } from '../fixtures/lane.ts'
import type { Lane } from '../lane.ts'
import { Starts } from './starts.ts'

const laneOf = (standing: Standing, integrationId = 'int_1') =>
  laneWith({
    integrationId,
    hasSucceeded: standing === 'proven',
    breaker: { state: 'closed', failures: standing === 'suspect' ? 1 : 0 },
  })

/** Lanes that all want to begin one attempt; `begun` has them in the order in which they did. */
function open() {
  const clock = new ManualClock()
  const begun: Lane[] = []
  const pump = (lane: Lane) => {
    if (!starts.mayBegin(lane)) return
    starts.begun(lane)
    begun.push(lane)
  }
  const starts = new Starts(clock, pump)
  return { clock, begun, starts, pump }
}

test.each([
  ['unknown', 10],
  ['suspect', 5],
] as const)(
  'an event for a thousand endpoints that are %s begins with %d, and goes on with as many',
  async (standing, together) => {
    const { clock, begun, pump } = open()
    for (let index = 0; index < 1_000; index++) pump(laneOf(standing))
    expect(begun).toHaveLength(together)
    await clock.advance(9)
    expect(begun).toHaveLength(together)
    await clock.advance(91)
    expect(begun).toHaveLength(11 * together)
    await clock.advance(10_000)
    expect(begun).toHaveLength(1_000)
    expect(clock.nextDueMs()).toBeUndefined()
  },
)

test('who answers waits for the turn of the event loop alone, whoever else waits', async () => {
  const { begun, pump } = open()
  for (let index = 0; index < 100; index++) pump(laneOf('suspect'))
  const proven = Array.from({ length: 40 }, () => laneOf('proven'))
  for (const lane of proven) pump(lane)
  expect(begun.filter((lane) => lane.hasSucceeded)).toHaveLength(32)
  await new Promise(setImmediate)
  expect(begun.filter((lane) => lane.hasSucceeded)).toEqual(proven)
  expect(begun).toHaveLength(45)
})

test('integrations take turns, and who is gone has none', async () => {
  const { clock, begun, starts, pump } = open()
  for (let index = 0; index < 100; index++) pump(laneOf('unknown', 'int_many'))
  const [gone, one] = [laneOf('unknown', 'int_gone'), laneOf('unknown', 'int_one')]
  pump(gone)
  pump(one)
  starts.forget(gone)
  await clock.advance(10)
  expect(begun).toContain(one)
  await clock.advance(1_000)
  expect(begun).not.toContain(gone)
  expect(begun).toHaveLength(101)
})
