import { expect, it } from 'vitest'
import { soleLease } from '../../core/delivery/lease.ts'
import { nothingSettled } from '../../deliver/settling/settling-store.ts'
import {
  attemptRow,
  dayMs,
  type FreshStore,
  failedAttempt,
  list,
  positions,
  startMs,
  waitingRow,
} from './delivery-rows.ts'

/** How a store of delivery state lists deliveries: the part of its suite about lists. */
export function describeDeliveryLists(fresh: () => Promise<FreshStore>): void {
  it('tells which subscriptions have what is undelivered, by number, and how much as far as a cap', async () => {
    const { store } = await fresh()
    const ended = (subscription: number, position: number, status: 'failed' | 'superseded') => ({
      ...{ ...waitingRow(subscription, position), status },
    })
    await store.settle(
      {
        ...nothingSettled,
        waiting: [...[1, 2, 3, 4, 5].map((position) => waitingRow(7, position)), waitingRow(130, 1)],
        ended: [ended(2, 1, 'failed'), ended(7, 6, 'failed'), ended(5, 1, 'superseded')],
      },
      soleLease,
    )
    const whole = { after: -1, limit: 10, cap: 3 }
    const found = [
      { subscription: 2, waiting: 0, failed: 1 },
      { subscription: 7, waiting: 3, failed: 1 },
      { subscription: 130, waiting: 1, failed: 0 },
    ]
    expect(await store.undelivered(whole)).toEqual(found)
    expect(await store.undelivered({ ...whole, limit: 2 })).toEqual(found.slice(0, 2))
    expect(await store.undelivered({ ...whole, after: 7 })).toEqual(found.slice(2))
  })

  it('lists each delivery once, newest first, over days, with its last attempt', async () => {
    const { store } = await fresh()
    await store.settle(
      {
        ...nothingSettled,
        attempts: [
          attemptRow(1, 1, { atMs: startMs - 2 * dayMs }),
          failedAttempt(1, 2, { atMs: startMs - dayMs }),
          attemptRow(1, 2, { attempt: 2, atMs: startMs }),
          attemptRow(1, 3, { atMs: startMs - dayMs + 1 }),
          attemptRow(1, 3, { attempt: 2, atMs: startMs + 1 }),
          failedAttempt(1, 4, { atMs: startMs - 1 }),
          attemptRow(2, 9, { atMs: startMs }),
        ],
        waiting: [waitingRow(1, 4)],
      },
      soleLease,
    )
    const ofAll = await store.list({ subscriptions: null, statuses: null, limit: 100, cursor: null })
    expect(ofAll).toEqual(await list(store, [1, 2]))
    const { rows, next } = await list(store, [1])
    expect(next).toBeNull()
    expect(
      rows.map(({ position, status, attempts, lastAttempt }) => [position, status, attempts, lastAttempt?.attempt]),
    ).toEqual([
      [4, 'waiting', 1, 1],
      [3, 'delivered', 2, 2],
      [2, 'delivered', 2, 2],
      [1, 'delivered', 1, 1],
    ])
    expect(positions((await list(store, [1, 2])).rows)).toEqual([4, 3, 9, 2, 1])
    expect(await list(store, [])).toEqual({ rows: [], next: null })
  })

  it('lists by status', async () => {
    const { store } = await fresh()
    await store.settle(
      {
        ...nothingSettled,
        waiting: [waitingRow(1, 1), waitingRow(1, 2, { attempts: 0, dueAtMs: startMs + 1 })],
        ended: [
          { ...waitingRow(1, 3), status: 'failed' },
          { ...waitingRow(1, 4, { attempts: 0, dueAtMs: startMs + 7 }), status: 'superseded' },
        ],
        attempts: [failedAttempt(1, 1), failedAttempt(1, 3, { outcome: 'failed' }), attemptRow(1, 5)],
      },
      soleLease,
    )
    expect(positions((await list(store, [1], ['waiting'])).rows)).toEqual([1, 2])
    expect(positions((await list(store, [1], ['failed'])).rows)).toEqual([3])
    expect(positions((await list(store, [1], ['waiting', 'failed'])).rows)).toEqual([1, 2, 3])
    expect(positions((await list(store, [1], ['superseded'])).rows)).toEqual([4])
    expect(positions((await list(store, [1], ['delivered'])).rows)).toEqual([5])
    expect(positions((await list(store, [1], [])).rows)).toEqual([])
    expect((await list(store, [1])).rows).toHaveLength(5)
  })

  it('pages without a gap or a double, also where many have the same time', async () => {
    const { store } = await fresh()
    const attempts = Array.from({ length: 60 }, (_, n) =>
      attemptRow((n % 3) + 1, n + 1, { atMs: startMs - (n % 4) * dayMs }),
    )
    const waiting = Array.from({ length: 12 }, (_, n) => waitingRow((n % 3) + 1, n + 1, { dueAtMs: startMs - 1 }))
    await store.settle({ ...nothingSettled, attempts, waiting }, soleLease)
    const all = (await list(store, [1, 2, 3])).rows
    expect(all).toHaveLength(60)
    const paged: unknown[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(store, [1, 2, 3], null, { limit: 7, cursor })
      expect(page.rows.length).toBeGreaterThan(0)
      paged.push(...page.rows)
      cursor = page.next
    } while (cursor !== null)
    expect(paged).toEqual(all)
    const places: string[] = []
    cursor = null
    do {
      const page = await store.list({ subscriptions: null, statuses: null, limit: 7, cursor })
      places.push(...page.rows.map(({ subscription, position }) => `${subscription}/${position}`))
      cursor = page.next
    } while (cursor !== null)
    const whole = await list(store, [1, 2, 3], null, { limit: 1_000 })
    expect(places).toEqual(whole.rows.map(({ subscription, position }) => `${subscription}/${position}`))
    await expect(list(store, [1], null, { cursor: 'forged' })).rejects.toMatchObject({ code: 'invalid_request' })
  })
}
