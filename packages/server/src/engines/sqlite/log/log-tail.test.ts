import { describe, expect, test } from 'vitest'
import type { StoredEvent } from '../../../core/event/event.ts'
import { LogTail } from './log-tail.ts'

const everything = { partition: 0, maxBytes: 1e9, maxEvents: 1e9 }

function eventAt(position: number, topic = 'invoices'): StoredEvent {
  const fields = { tenantId: 1, type: 'invoice.updated', entityKey: '1', isQuiet: false, appendedAtMs: 1 }
  return { partition: 0, position, topic, ...fields, head: 'h'.repeat(60), tail: 't'.repeat(40) }
}

function tailOf(count: number, maxBytes: number): LogTail {
  const tail = new LogTail({ latest: 1_000, maxBytes })
  for (let i = 1; i <= count; i++) tail.push(eventAt(1_000 + i, i % 10 === 0 ? 'rare' : 'invoices'))
  return tail
}

describe('log tail', () => {
  test('keeps the newest events up to its bytes', () => {
    const tail = tailOf(5_000, 100_000)
    expect(tail.before).toBe(5_000)
    const { events, next } = tail.read({ ...everything, after: tail.before })
    expect(events.map((event) => event.position)).toEqual(Array.from({ length: 1_000 }, (_, i) => 5_001 + i))
    expect(next).toBe(6_000)
  })

  test('of no bytes keeps nothing', () => {
    expect(tailOf(10, 0).before).toBe(1_010)
  })

  test('forgets what retention drops, and no more than it has', () => {
    const tail = tailOf(100, 1e6)
    tail.dropUntil(1_040)
    expect(tail.before).toBe(1_040)
    expect(tail.read({ ...everything, after: 1_040 }).events[0]!.position).toBe(1_041)
    tail.dropUntil(5_000)
    expect(tail.before).toBe(1_100)
    tail.push(eventAt(1_101))
    expect(tail.read({ ...everything, after: 1_100 })).toMatchObject({ events: [{ position: 1_101 }], next: 1_101 })
  })

  test('looks at a bounded number of events a read, and says how far it came', () => {
    const tail = tailOf(50_000, 1e9)
    const topics = new Set(['none'])
    const first = tail.read({ ...everything, topics, after: 1_000 })
    expect(first).toEqual({ events: [], next: 21_000 })
    expect(tail.read({ ...everything, topics, after: 41_000 })).toEqual({ events: [], next: 51_000 })
    const rare = tail.read({ ...everything, topics: new Set(['rare']), after: 1_000, maxEvents: 3 })
    expect(rare.events.map((event) => event.position)).toEqual([1_010, 1_020, 1_030])
    expect(rare.next).toBe(1_030)
  })
})
