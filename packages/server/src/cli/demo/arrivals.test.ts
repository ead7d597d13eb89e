import { expect, test } from 'vitest'
import { type Arrival, Arrivals, latencyMs, type Sighting, ways } from './arrivals.ts'

const sighting = (offset: string, type = 'invoice.updated'): Sighting => ({
  topic: 'invoices',
  offset,
  type,
  tenantId: 1,
  entityId: '7',
  timestamp: '2026-01-31T12:00:00.000Z',
})

function arrivals() {
  const done: Arrival[] = []
  return { done, arrivals: new Arrivals((arrival) => done.push(arrival)) }
}

test('an event is done when it has come by every way, whichever was first', () => {
  const { done, arrivals: all } = arrivals()
  all.published({ topic: 'invoices', offset: 'a' }, 100)
  for (const [index, way] of ways.entries()) {
    expect(done).toHaveLength(0)
    all.arrived(way, sighting('a'), 110 + index)
    // Delivered twice, as webhooks may be.
    all.arrived(way, sighting('a'), 999)
  }
  expect(ways.map((way) => latencyMs(done[0]!, way))).toEqual([10, 11, 12, 13])
  expect(all.openCount).toBe(0)
  expect(done).toHaveLength(1)
})

test('an arrival may be faster than the answer to its publish', () => {
  const { done, arrivals: all } = arrivals()
  for (const way of ways.slice(1)) all.arrived(way, sighting('a'), 105)
  all.published({ topic: 'invoices', offset: 'a' }, 100)
  all.arrived('stream', sighting('a'), 106)
  expect(latencyMs(done[0]!, 'sse')).toBe(5)
})

test('the canonical type is shown, whichever way came first', () => {
  const { done, arrivals: all } = arrivals()
  all.arrived('stream', sighting('a', 'invoice-updated-v1'), 1)
  for (const way of ways) all.arrived(way, sighting('a'), 2)
  expect(done[0]!.sighting.type).toBe('invoice.updated')
})

test('what was waited for long enough ends incomplete', () => {
  const { done, arrivals: all } = arrivals()
  all.arrived('feed', sighting('a'), 1_000)
  all.endBefore(1_000)
  expect(done).toHaveLength(0)
  all.endBefore(1_001)
  expect(done).toHaveLength(1)
  expect(latencyMs(done[0]!, 'webhook')).toBeNull()
})

test("another publisher's event is measured from its own time", () => {
  const { done, arrivals: all } = arrivals()
  const fromMs = Date.parse('2026-01-31T12:00:00.000Z')
  for (const way of ways) all.arrived(way, sighting('a'), fromMs + 7)
  expect(latencyMs(done[0]!, 'feed')).toBe(7)
})
