import { expect, it } from 'vitest'
import { deliveryKeyText } from '../../core/delivery/delivery.ts'
import { soleLease } from '../../core/delivery/lease.ts'
import { everyShare } from '../../core/delivery/shares.ts'
import { nothingSettled } from '../../deliver/settling/settling-store.ts'
import { dayMs, type FreshStore, failedAttempt, keyOf, list, nobody, startMs, waitingRow } from './delivery-rows.ts'

/** When what waits falls due: the part of the suite of delivery stores about that. */
export function describeDueDeliveries(fresh: () => Promise<FreshStore>): void {
  it('gives waiting rows when they are due, earliest first, without excluded subscriptions', async () => {
    const { store, reopen } = await fresh()
    const rows = [
      waitingRow(1, 5, { dueAtMs: startMs + 300 }),
      waitingRow(2, 5, { dueAtMs: startMs + 100, sequence: null, attempts: 3, firstAttemptAtMs: startMs - 9 }),
      waitingRow(1, 6, { dueAtMs: startMs + 200, tenantId: 116015326147118082n }),
      waitingRow(3, 1, { dueAtMs: startMs + 900, tenantId: 2n ** 63n - 1n }),
    ]
    await store.settle({ ...nothingSettled, waiting: rows }, soleLease)
    const again = await reopen()
    expect((await list(again, [3])).rows[0]?.tenantId).toBe(2n ** 63n - 1n)
    const due = (nowMs: number, limit = 10, excluding = nobody) =>
      again.due({ shares: everyShare, nowMs, limit, excluding })
    expect(await due(startMs + 300)).toEqual([rows[1], rows[2], rows[0]])
    expect(await due(startMs + 300, 2)).toEqual([rows[1], rows[2]])
    expect(await due(startMs + 99)).toEqual([])
    const claimed = new Set([deliveryKeyText(rows[1]!)])
    expect(await again.due({ shares: everyShare, nowMs: startMs + 300, limit: 1, excluding: nobody, claimed })).toEqual(
      [rows[2]],
    )
    expect(await again.nextDueMs({ shares: everyShare, excluding: nobody, claimed })).toBe(startMs + 200)
    expect(await again.nextDueMs({ shares: everyShare, excluding: new Set([1, 3]), claimed })).toBeNull()
    expect(await due(startMs + 1_000, 10, new Set([1]))).toEqual([rows[1], rows[3]])
    expect(await again.nextDueMs({ shares: everyShare, excluding: nobody })).toBe(startMs + 100)
    expect(await again.nextDueMs({ shares: everyShare, excluding: new Set([2]) })).toBe(startMs + 200)
    expect(await again.nextDueMs({ shares: everyShare, excluding: new Set([1, 2, 3]) })).toBeNull()
  })

  it('brings forward what waits by a clock that was set back since', async () => {
    const { store } = await fresh()
    const later = startMs + dayMs
    const rows = [
      waitingRow(1, 5, { dueAtMs: later + 90 }),
      waitingRow(1, 6, { dueAtMs: later + 80 }),
      waitingRow(1, 7, { dueAtMs: startMs + 900 }),
      waitingRow(1, 8, { dueAtMs: later }),
    ]
    const attempts = [
      failedAttempt(1, 5, { atMs: later }),
      // Under way while the clock went forward.
      failedAttempt(1, 6, { atMs: startMs }),
      failedAttempt(1, 7, { atMs: startMs }),
    ]
    const due = () => store.due({ shares: everyShare, nowMs: later * 2, limit: 10, excluding: nobody })
    await store.settle({ ...nothingSettled, waiting: rows, attempts }, soleLease)
    await store.bringForward({ shares: everyShare, nowMs: startMs, byMs: 0 })
    const [five, six, seven, eight] = rows
    const [fiveNow, eightNow] = [five, eight].map((row) => ({ ...row, dueAtMs: startMs }))
    expect(await due()).toEqual([fiveNow, eightNow, seven, six])
    await store.bringForward({ shares: everyShare, nowMs: startMs, byMs: dayMs })
    expect(await due()).toEqual([fiveNow, { ...seven, dueAtMs: startMs }, eightNow, { ...six, dueAtMs: startMs + 80 }])
  })

  it('tells the oldest position that waits, by partition', async () => {
    const { store } = await fresh()
    expect(await store.oldestWaiting({ partition: 0, after: 0 })).toBeNull()
    const waiting = [waitingRow(1, 9), waitingRow(2, 7, { dueAtMs: startMs + 90_000 }), waitingRow(1, 8)]
    const elsewhere = { ...waitingRow(3, 2), partition: 1 }
    const ended = [{ ...waitingRow(4, 5), status: 'failed' as const }]
    await store.settle({ ...nothingSettled, waiting: [...waiting, elsewhere], ended }, soleLease)
    expect(await store.oldestWaiting({ partition: 0, after: 0 })).toBe(7)
    expect(await store.oldestWaiting({ partition: 1, after: 0 })).toBe(2)
    expect(await store.oldestWaiting({ partition: 0, after: 7 })).toBe(8)
    expect(await store.oldestWaiting({ partition: 0, after: 9 })).toBeNull()
    await store.settle({ ...nothingSettled, cleared: [keyOf(2, 7)] }, soleLease)
    expect(await store.oldestWaiting({ partition: 0, after: 0 })).toBe(8)
    await store.forget(1)
    expect(await store.oldestWaiting({ partition: 0, after: 0 })).toBeNull()
  })

  it('finds the due rows of others behind very many of an excluded subscription', async () => {
    const { store } = await fresh()
    const blocked = Array.from({ length: 5_000 }, (_, n) => waitingRow(1, n + 1, { dueAtMs: startMs }))
    const others = [3, 2].map((subscription) => waitingRow(subscription, 1, { dueAtMs: startMs + 10 - subscription }))
    await store.settle({ ...nothingSettled, waiting: [...blocked, ...others] }, soleLease)
    const excluding = new Set([1])
    expect(await store.due({ shares: everyShare, nowMs: startMs + 10, limit: 5, excluding })).toEqual(others)
    expect(await store.due({ shares: everyShare, nowMs: startMs + 10, limit: 1, excluding })).toEqual([others[0]])
    expect(await store.due({ shares: everyShare, nowMs: startMs, limit: 5, excluding })).toEqual([])
    const claimed = new Set([deliveryKeyText(others[0]!)])
    expect(await store.due({ shares: everyShare, nowMs: startMs + 10, limit: 1, excluding, claimed })).toEqual([
      others[1],
    ])
    expect(await store.nextDueMs({ shares: everyShare, excluding, claimed })).toBe(startMs + 8)
    expect(await store.nextDueMs({ shares: everyShare, excluding })).toBe(startMs + 7)
    expect(await store.nextDueMs({ shares: everyShare, excluding: new Set([1, 2, 3]) })).toBeNull()
  })
}
