import { describe, expect, test } from 'vitest'
import type { StoredEvent } from '../core/event/event.ts'
import type { ReadRequest } from './event-log.ts'
import { type NewestRequest, newestEvents } from './newest-events.ts'

/** A log with events at these positions; it counts what is read of it. */
function logOf(positions: readonly number[], earliest = 0) {
  const events = positions.map((position) => ({ position, topic: position % 2 === 0 ? 'even' : 'odd' }) as StoredEvent)
  const reads: number[] = []
  return {
    reads,
    bounds: () => ({ earliest, latest: positions.at(-1) ?? earliest }),
    async read({ after, topics, maxEvents }: ReadRequest) {
      const behind = events.filter(({ position }) => position > Math.max(after, earliest))
      const slice = behind.slice(0, maxEvents)
      reads.push(slice.length)
      const next = slice.at(-1)?.position ?? Math.max(after, positions.at(-1) ?? 0)
      return { events: slice.filter(({ topic }) => !topics || topics.has(topic)), next }
    },
  }
}
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

async function pages(log: ReturnType<typeof logOf>, rest: Partial<NewestRequest> = {}): Promise<number[][]> {
  const found: number[][] = []
  let before = log.bounds().latest + 1
  for (;;) {
    const request = { partition: 0, before, after: 0, matches: () => true, limit: 400, mostLookedAt: 1_000, ...rest }
    const page = await newestEvents(log, request)
    found.push(page.events.map(({ position }) => position))
    if (page.next === null) return found
    before = page.next
  }
}

describe('the newest events', () => {
  test.each([0, 1, 399, 400, 401, 1_000, 1_001, 2_500])('of %i come once each, newest first', async (count) => {
    const found = await pages(logOf(upTo(count)))
    expect(found.flat()).toEqual(upTo(count).reverse())
    for (const page of found) expect(page.length).toBeLessThanOrEqual(400)
  })

  test('are found across holes, however wide, without a read for every thousand positions', async () => {
    const positions = [3, 5, 1_000_000, 1_000_001, 900_000_000]
    const log = logOf(positions)
    expect((await pages(log)).flat()).toEqual(positions.toReversed())
    expect(log.reads.length).toBeLessThan(20)
  })

  test('end where retention has dropped, or where they are not wanted any more', async () => {
    expect((await pages(logOf(upTo(50), 40))).flat()).toEqual(upTo(50).slice(40).reverse())
    expect((await pages(logOf(upTo(50)), { after: 45 })).flat()).toEqual([50, 49, 48, 47, 46])
  })

  test('are those of the topics, and those that match', async () => {
    const matches = ({ position }: StoredEvent) => position % 3 === 0
    const found = await pages(logOf(upTo(60)), { topics: new Set(['even']), matches })
    expect(found.flat()).toEqual([60, 54, 48, 42, 36, 30, 24, 18, 12, 6])
  })

  test('that nothing matches are looked for a part at a time', async () => {
    const found = await pages(logOf(upTo(5_000)), { matches: () => false })
    expect(found).toEqual([[], [], [], [], []])
  })
})
