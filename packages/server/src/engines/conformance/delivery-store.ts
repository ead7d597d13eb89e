import { describe, expect, it } from 'vitest'
import { soleLease } from '../../core/delivery/lease.ts'
import { everyShare } from '../../core/delivery/shares.ts'
import { nothingSettled } from '../../deliver/settling/settling-store.ts'
import type { DeliveryEngine } from '../delivery-engine.ts'
import { describeDueDeliveries } from './delivery-due.ts'
import { describeLeases, type Leases } from './delivery-leases.ts'
import { describeDeliveryLists } from './delivery-lists.ts'
import { describeDeliveryModel } from './delivery-model.ts'
import {
  attemptRow,
  dayMs,
  failedAttempt,
  keyOf,
  list,
  nobody,
  positions,
  startMs,
  waitingRow,
} from './delivery-rows.ts'
import { describeSeries } from './delivery-series.ts'
import { describeShares } from './delivery-shares.ts'
import { freshStores, type OpenStore } from './fresh-store.ts'

/** What every store of delivery state has to do. */
export function describeDeliveryStore<Store extends DeliveryEngine>(
  name: string,
  open: OpenStore<Store>,
  leases: Leases<Store>,
): void {
  describe(`delivery store: ${name}`, () => {
    const fresh = freshStores(open)

    it('keeps watermarks and progress, the last of each', async () => {
      const { store, reopen } = await fresh()
      const catchUp = { reason: 'rewind', sinceMs: startMs, from: 2, pausedAtMs: startMs + 1 } as const
      const span = { after: 1, to: 2, reason: 'retention', atMs: startMs, isReadAgain: false } as const
      const place = { subscription: 3, partition: 0, mode: 'own', position: 8, sequence: 4 } as const
      const progress = { ...place, catchUp, skipped: [] }
      await store.place({ ...progress, position: 1, catchUp: null })
      await store.settle(
        { ...nothingSettled, watermarks: [{ partition: 0, position: 10 }], progress: [progress] },
        soleLease,
      )
      await store.settle(
        {
          ...nothingSettled,
          watermarks: [
            { partition: 0, position: 12 },
            { partition: 1, position: 2 },
          ],
          progress: [{ ...place, mode: 'shared', position: 12, sequence: 6, catchUp: null, skipped: [span] }],
        },
        soleLease,
      )
      await store.place({ ...progress, subscription: 4 })
      const again = await reopen()
      expect(await again.load(everyShare)).toEqual({
        watermarks: [
          { partition: 0, position: 12 },
          { partition: 1, position: 2 },
        ],
        progress: [
          { ...place, mode: 'shared', position: 12, sequence: 6, catchUp: null, skipped: [span] },
          { ...progress, subscription: 4 },
        ],
      })
    })

    it('inserts a place once, for whoever comes first; settlements move it, and make none', async () => {
      const { store, reopen } = await fresh()
      const catchUp = { reason: 'start', sinceMs: startMs, from: 5, pausedAtMs: null } as const
      const first = {
        subscription: 3,
        partition: 0,
        mode: 'own',
        position: 5,
        sequence: 0,
        catchUp,
        skipped: [],
      } as const
      const second = { ...first, mode: 'shared', position: 9, catchUp: null } as const
      expect(await Promise.all([store.place(first), store.place(second)])).toEqual([first, first])
      const elsewhere = { ...second, partition: 1 }
      expect(await store.place(elsewhere)).toEqual(elsewhere)
      const moved = { ...first, position: 7, sequence: 2 }
      await store.settle({ ...nothingSettled, progress: [moved, { ...second, subscription: 4 }] }, soleLease)
      const again = await reopen()
      expect((await again.load(everyShare)).progress).toEqual([moved, elsewhere])
      expect(await again.place(second)).toEqual(moved)
      await again.forget(3)
      await again.settle({ ...nothingSettled, progress: [moved] }, soleLease)
      expect((await again.load(everyShare)).progress).toEqual([])
    })

    describeDueDeliveries(fresh)
    describeShares(fresh)
    describeLeases(fresh, leases)
    describeSeries(fresh)

    it('moves a delivery from waiting to failed to gone, never being two at once', async () => {
      const { store } = await fresh()
      const row = waitingRow(1, 5)
      await store.settle({ ...nothingSettled, waiting: [row], attempts: [failedAttempt(1, 5)] }, soleLease)
      expect(await store.count()).toEqual({ waiting: 1, failed: 0, superseded: 0 })
      expect(await store.count(1)).toEqual({ waiting: 1, failed: 0, superseded: 0 })
      expect(await store.count(99)).toEqual({ waiting: 0, failed: 0, superseded: 0 })
      expect(await store.find(keyOf(1, 5))).toMatchObject({
        status: 'waiting',
        nextAttemptAtMs: row.dueAtMs,
        attempts: 1,
      })
      await store.settle(
        {
          ...nothingSettled,
          ended: [{ ...row, attempts: 2, status: 'failed' }],
          attempts: [failedAttempt(1, 5, { attempt: 2, atMs: startMs + 5_000, outcome: 'failed' })],
        },
        soleLease,
      )
      expect(await store.count()).toEqual({ waiting: 0, failed: 1, superseded: 0 })
      expect(await store.due({ shares: everyShare, nowMs: startMs + dayMs, limit: 9, excluding: nobody })).toEqual([])
      expect(await store.find(keyOf(1, 5))).toMatchObject({
        status: 'failed',
        nextAttemptAtMs: null,
        attempts: 2,
        lastAttempt: { attempt: 2, error: 'http_500' },
      })
      await store.settle(
        {
          ...nothingSettled,
          cleared: [keyOf(1, 5)],
          attempts: [attemptRow(1, 5, { attempt: 3, atMs: startMs + 9_000 })],
        },
        soleLease,
      )
      expect(await store.count()).toEqual({ waiting: 0, failed: 0, superseded: 0 })
      expect(await store.find(keyOf(1, 5))).toMatchObject({
        status: 'delivered',
        attempts: 3,
        lastAttempt: { attempt: 3 },
      })
      expect((await store.attemptsOf(keyOf(1, 5))).map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    })

    it('keeps every field of an attempt', async () => {
      const { store, reopen } = await fresh()
      const records = [
        attemptRow(1, 1, { body: 'å\u0000\u{1f600}', sequence: null }),
        failedAttempt(1, 1, {
          attempt: 2,
          atMs: startMs + 1,
          status: null,
          error: 'tls_expired',
          body: 'x'.repeat(16_384),
        }),
        failedAttempt(1, 1, { attempt: 3, atMs: startMs + 2, tenantId: 2 ** 53 - 1, entityKey: '[{"a":1}]', body: '' }),
        failedAttempt(1, 1, { attempt: 4, atMs: startMs + 3, tenantId: 116015326147118082n }),
        failedAttempt(1, 1, { attempt: 5, atMs: startMs + 4, tenantId: 2n ** 63n - 1n }),
      ]
      await store.settle({ ...nothingSettled, attempts: records }, soleLease)
      const again = await reopen()
      expect(await again.attemptsOf(keyOf(1, 1))).toEqual(records)
      expect(await again.attemptsOf(keyOf(1, 2))).toEqual([])
      expect(await again.find(keyOf(1, 2))).toBeNull()
    })

    it('knows what it holds after a position', async () => {
      const { store } = await fresh()
      await store.settle(
        {
          ...nothingSettled,
          waiting: [waitingRow(1, 5), waitingRow(1, 7), waitingRow(2, 7)],
          ended: [{ ...waitingRow(1, 8), status: 'superseded' }],
          attempts: [attemptRow(1, 9)],
        },
        soleLease,
      )
      const known = async (request: { after: number; to?: number; partition?: number; subscription?: number }) =>
        (await store.knownAfter({ shares: everyShare, partition: 0, ...request }))
          .map((key) => `${key.subscription}/${key.position}`)
          .sort()
      expect(await known({ after: 5 })).toEqual(['1/7', '1/8', '2/7'])
      expect(await known({ after: 4, subscription: 1 })).toEqual(['1/5', '1/7', '1/8'])
      expect(await known({ after: 4, to: 7, subscription: 1 })).toEqual(['1/5', '1/7'])
      expect(await known({ after: 0, partition: 1 })).toEqual([])
      expect(await store.count(1)).toMatchObject({ superseded: 1 })
    })

    it('drops ended deliveries after a position for a replay, and nothing that waits', async () => {
      const { store } = await fresh()
      await store.settle(
        {
          ...nothingSettled,
          waiting: [waitingRow(1, 6)],
          ended: [
            { ...waitingRow(1, 5), status: 'failed' },
            { ...waitingRow(1, 7), status: 'failed' },
            { ...waitingRow(1, 8), status: 'superseded' },
            { ...waitingRow(2, 7), status: 'failed' },
          ],
        },
        soleLease,
      )
      await store.reopen({ subscription: 1, partition: 0, after: 5 })
      const keys = await store.knownAfter({ shares: everyShare, partition: 0, after: 0 })
      expect(keys.map((key) => `${key.subscription}/${key.position}`).sort()).toEqual(['1/5', '1/6', '2/7'])
    })

    it('knows what was delivered after a position, since a time', async () => {
      const { store } = await fresh()
      await store.settle(
        {
          ...nothingSettled,
          attempts: [
            { ...attemptRow(1, 5), outcome: 'delivered', atMs: 1_000 },
            { ...attemptRow(1, 6), outcome: 'delivered', atMs: 2_000 },
            { ...attemptRow(1, 7), outcome: 'delivered', atMs: 3_000 },
            { ...attemptRow(1, 8), outcome: 'failed', atMs: 3_000 },
            { ...attemptRow(2, 7), outcome: 'delivered', atMs: 3_000 },
          ],
        },
        soleLease,
      )
      const delivered = async (after: number, sinceMs: number, rest: { to?: number } = {}) =>
        (await store.deliveredAfter(everyShare, [{ subscription: 1, partition: 0, after, sinceMs, ...rest }]))
          .map((key) => key.position)
          .sort()
      expect(await delivered(5, 0)).toEqual([6, 7])
      expect(await delivered(0, 2_500)).toEqual([7])
      expect(await delivered(0, 0, { to: 6 })).toEqual([5, 6])
      expect(await delivered(7, 0)).toEqual([])
    })

    describeDeliveryLists(fresh)

    it('forgets a subscription and nothing else', async () => {
      const { store } = await fresh()
      for (const subscription of [1, 2]) {
        const place = { subscription, partition: 0, mode: 'own' as const, position: 1, sequence: 1 }
        await store.place({ ...place, catchUp: null, skipped: [] })
      }
      await store.settle(
        {
          ...nothingSettled,
          waiting: [waitingRow(1, 1), waitingRow(2, 1)],
          ended: [{ ...waitingRow(1, 2), status: 'failed' }],
          attempts: [attemptRow(1, 3), attemptRow(1, 4, { atMs: startMs - dayMs }), attemptRow(2, 3)],
        },
        soleLease,
      )
      await store.forget(1)
      expect(await list(store, [1])).toEqual({ rows: [], next: null })
      expect(await store.attemptsOf(keyOf(1, 4))).toEqual([])
      expect((await store.load(everyShare)).progress.map(({ subscription }) => subscription)).toEqual([2])
      expect(positions((await list(store, [2])).rows)).toEqual([1, 3])
      expect(await store.count()).toEqual({ waiting: 1, failed: 0, superseded: 0 })
    })

    it('drops whole days of attempts, and ended deliveries with them, but nothing that waits', async () => {
      const { store, reopen } = await fresh()
      await store.settle(
        {
          ...nothingSettled,
          waiting: [waitingRow(1, 1, { dueAtMs: startMs - 9 * dayMs })],
          ended: [
            { ...waitingRow(1, 2), status: 'failed' },
            { ...waitingRow(1, 3), status: 'failed' },
          ],
          attempts: [
            failedAttempt(1, 2, { atMs: startMs - 3 * dayMs }),
            failedAttempt(1, 3, { atMs: startMs - 3 * dayMs }),
            failedAttempt(1, 3, { attempt: 2, atMs: startMs }),
            attemptRow(1, 4, { atMs: startMs - 1 }),
            attemptRow(1, 5, { atMs: startMs }),
          ],
        },
        soleLease,
      )
      await store.dropBefore(startMs)
      const again = await reopen()
      expect(positions((await list(again, [1])).rows).sort()).toEqual([1, 3, 5])
      expect((await again.attemptsOf(keyOf(1, 3))).map(({ attempt }) => attempt)).toEqual([2])
      await again.settle({ ...nothingSettled, attempts: [attemptRow(1, 6, { atMs: startMs - 3 * dayMs })] }, soleLease)
      expect(positions((await list(again, [1], ['delivered'])).rows)).toEqual([5, 6])
    })

    it('applies settlements in the order of the calls', async () => {
      const { store } = await fresh()
      const calls = Array.from({ length: 50 }, (_, n) =>
        store.settle(
          {
            ...nothingSettled,
            watermarks: [{ partition: 0, position: n }],
            waiting: [waitingRow(1, 1, { attempts: n })],
          },
          soleLease,
        ),
      )
      await Promise.all(calls)
      expect((await store.load(everyShare)).watermarks).toEqual([{ partition: 0, position: 49 }])
      expect(await store.find(keyOf(1, 1))).toMatchObject({ attempts: 49 })
    })

    it('refuses calls once it is closed', async () => {
      const { store } = await open()
      await store.close()
      await expect(store.settle(nothingSettled, soleLease)).rejects.toMatchObject({ code: 'shutting_down' })
      await store.close()
    })

    describeDeliveryModel(open)
  })
}
