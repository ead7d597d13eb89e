import { expect, test } from 'vitest'
import { deliveryTo, type WaitingDelivery } from '../core/delivery/delivery.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { eventAt } from './fixtures/pending.ts'
import { eventsOfRows } from './row-events.ts'

const row = (position: number): WaitingDelivery => ({
  ...deliveryTo(1, eventAt(position), position),
  ...{ attempts: 1, firstAttemptAtMs: 0, dueAtMs: 0 },
})

/** A log that has the events of odd positions and cannot read those at `broken`. */
function logWith(broken: ReadonlySet<number> = new Set()) {
  const calls: (readonly number[])[] = []
  const readAt = async (_partition: number, positions: readonly number[]): Promise<readonly StoredEvent[]> => {
    calls.push(positions)
    if (positions.some((position) => broken.has(position))) throw new Error('damaged')
    return positions.filter((position) => position % 2 === 1).map((position) => eventAt(position))
  }
  return { calls, readAt }
}

test('reads the events of a page with one call; those that the log keeps no more are null', async () => {
  const log = logWith()
  const rows = [row(1), row(2), row(3)]
  const { events, failure } = await eventsOfRows(log, rows)
  expect(rows.map((each) => events.get(each)?.position ?? null)).toEqual([1, null, 3])
  expect(failure).toBeNull()
  expect(log.calls).toEqual([[1, 2, 3]])
})

test('a damaged part of the log holds back no other, and is told', async () => {
  const rows = [row(1), row(3), row(5)]
  const { events, failure } = await eventsOfRows(logWith(new Set([3])), rows)
  expect(rows.map((each) => events.get(each)?.position)).toEqual([1, undefined, 5])
  expect(failure).toMatchObject({ cause: { message: 'damaged' } })
})

test('a disk that fails altogether is not asked for every row', async () => {
  const positions = Array.from({ length: 100 }, (_, index) => index)
  const log = logWith(new Set(positions))
  const { events } = await eventsOfRows(log, positions.map(row))
  expect(events.size).toBe(0)
  expect(log.calls.length).toBeLessThan(12)
})
