import { expect, it } from 'vitest'
import { soleLease } from '../../core/delivery/lease.ts'
import { everyShare, type Shares, shareCount } from '../../core/delivery/shares.ts'
import { nothingSettled } from '../../deliver/settling/settling-store.ts'
import { attemptRow, dayMs, type FreshStore, keyOf, nobody, startMs, waitingRow } from './delivery-rows.ts'

/** That each owner is told of its own shares alone: the part of the suite of delivery stores about that. */
export function describeShares(fresh: () => Promise<FreshStore>): void {
  /** Subscriptions 1 and 129 are in share 1, subscription 2 in share 2. */
  const first: Shares = new Set([1])
  const second: Shares = new Set([2])
  const none: Shares = new Set()
  const numbers = [1, 1 + shareCount, 2]

  it('tells an owner of the places in its shares', async () => {
    const { store } = await fresh()
    const progress = numbers.map((subscription) => ({
      ...{ subscription, partition: 0, mode: 'own' as const, position: 1, sequence: 1 },
      ...{ catchUp: null, skipped: [] },
    }))
    for (const place of progress) await store.place(place)
    const placesOf = async (shares: Shares) =>
      (await store.load(shares)).progress.map(({ subscription }) => subscription).sort((a, b) => a - b)
    expect(await placesOf(first)).toEqual([1, 129])
    expect(await placesOf(second)).toEqual([2])
    expect(await placesOf(none)).toEqual([])
    expect(await placesOf(everyShare)).toEqual([1, 2, 129])
  })

  it('tells an owner of what waits in its shares, and when', async () => {
    const { store } = await fresh()
    const [one, more, two] = numbers.map((subscription, index) =>
      waitingRow(subscription, 5, { dueAtMs: startMs + 30 - 10 * index }),
    )
    await store.settle({ ...nothingSettled, waiting: [one!, more!, two!] }, soleLease)
    const due = (shares: Shares, excluding = nobody) =>
      store.due({ shares, nowMs: startMs + 100, limit: 10, excluding })
    expect(await due(everyShare)).toEqual([two, more, one])
    expect(await due(first)).toEqual([more, one])
    expect(await due(first, new Set([129]))).toEqual([one])
    expect(await due(none)).toEqual([])
    expect(await store.nextDueMs({ shares: first, excluding: nobody })).toBe(startMs + 20)
    expect(await store.nextDueMs({ shares: second, excluding: nobody })).toBe(startMs + 10)
    expect(await store.nextDueMs({ shares: none, excluding: nobody })).toBeNull()
  })

  it('finds the due rows of a share behind very many of others', async () => {
    const { store } = await fresh()
    const others = Array.from({ length: 5_000 }, (_, n) => waitingRow(2, n + 1, { dueAtMs: startMs }))
    const own = waitingRow(1, 1, { dueAtMs: startMs + 5 })
    await store.settle({ ...nothingSettled, waiting: [...others, own] }, soleLease)
    expect(await store.due({ shares: first, nowMs: startMs + 10, limit: 3, excluding: nobody })).toEqual([own])
    expect(await store.nextDueMs({ shares: first, excluding: nobody })).toBe(startMs + 5)
  })

  it('brings forward what waits in the shares of whoever noticed its clock', async () => {
    const { store } = await fresh()
    const later = startMs + dayMs
    await store.settle(
      {
        ...nothingSettled,
        waiting: numbers.map((subscription) => waitingRow(subscription, 5, { dueAtMs: later })),
      },
      soleLease,
    )
    await store.bringForward({ shares: first, nowMs: startMs, byMs: 0 })
    const rows = await store.due({ shares: everyShare, nowMs: later, limit: 10, excluding: nobody })
    expect(rows.map(({ subscription, dueAtMs }) => [subscription, dueAtMs])).toEqual([
      [1, startMs],
      [129, startMs],
      [2, later],
    ])
  })

  it('tells an owner what needs no first attempt in its shares', async () => {
    const { store } = await fresh()
    await store.settle(
      {
        ...nothingSettled,
        waiting: numbers.map((subscription) => waitingRow(subscription, 5)),
        attempts: numbers.map((subscription) => attemptRow(subscription, 6)),
      },
      soleLease,
    )
    const known = async (shares: Shares) =>
      (await store.knownAfter({ shares, partition: 0, after: 0 })).toSorted((a, b) => a.subscription - b.subscription)
    expect(await known(first)).toEqual([keyOf(1, 5), keyOf(129, 5)])
    expect(await known(none)).toEqual([])
    const requests = numbers.map((subscription) => ({ subscription, partition: 0, after: 0, sinceMs: 0 }))
    expect(await store.deliveredAfter(first, requests)).toEqual([keyOf(1, 6), keyOf(129, 6)])
    expect(await store.deliveredAfter(second, requests)).toEqual([keyOf(2, 6)])
  })
}
