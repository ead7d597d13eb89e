import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type DeliveryKey, type DeliveryStatus, deliveryKeyText } from '../../core/delivery.ts'
import {
  type AttemptRecord,
  type DeliveryStore,
  nothingSettled,
  type WaitingDelivery,
} from '../../deliver/delivery-store.ts'
import { makeMemoryDeliveryStore } from '../memory/delivery-store.ts'

const dayMs = 24 * 3_600_000
const startMs = Date.UTC(2026, 0, 10)
const nobody: ReadonlySet<number> = new Set()

const keyOf = (subscription: number, position: number, partition = 0): DeliveryKey => ({
  subscription,
  partition,
  position,
})
const eventOf = (position: number) => ({
  topic: 'invoices',
  type: 'invoice.updated',
  tenantId: 29302,
  entityKey: `invoice ${position}`,
})
const waitingRow = (subscription: number, position: number, rest: Partial<WaitingDelivery> = {}): WaitingDelivery => ({
  ...keyOf(subscription, position),
  ...eventOf(position),
  sequence: position,
  attempts: 1,
  firstAttemptAtMs: startMs,
  dueAtMs: startMs + 5_000,
  ...rest,
})
const attemptRow = (subscription: number, position: number, rest: Partial<AttemptRecord> = {}): AttemptRecord => ({
  ...keyOf(subscription, position),
  ...eventOf(position),
  attempt: 1,
  sequence: position,
  atMs: startMs,
  durationMs: 12,
  status: 200,
  error: null,
  body: null,
  outcome: 'delivered',
  ...rest,
})
const failedAttempt = (subscription: number, position: number, rest: Partial<AttemptRecord> = {}): AttemptRecord =>
  attemptRow(subscription, position, { status: 500, error: 'http_500', outcome: 'waiting', ...rest })

/** What every store of delivery state has to do. `reopen` closes the store and opens it again, where that means something. */
export function describeDeliveryStore(
  name: string,
  open: () => Promise<{ store: DeliveryStore; reopen?: () => Promise<DeliveryStore> }>,
): void {
  describe(`delivery store: ${name}`, () => {
    const opened: DeliveryStore[] = []
    const fresh = async () => {
      const { store, reopen } = await open()
      opened.push(store)
      return {
        store,
        reopen: async () => {
          if (!reopen) return store
          const again = await reopen()
          opened.push(again)
          return again
        },
      }
    }
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })
    const list = (
      store: DeliveryStore,
      subscriptions: number[],
      statuses: DeliveryStatus[] | null = null,
      rest: { limit?: number; cursor?: string | null } = {},
    ) =>
      store.list({
        subscriptions,
        statuses: statuses && new Set(statuses),
        limit: rest.limit ?? 100,
        cursor: rest.cursor ?? null,
      })
    const positions = (rows: readonly DeliveryKey[]) => rows.map(({ position }) => position)

    it('keeps watermarks and progress, the last of each', async () => {
      const { store, reopen } = await fresh()
      const catchUp = { reason: 'rewind', sinceMs: startMs, from: 2, pausedAtMs: startMs + 1 } as const
      const span = { after: 1, to: 2, reason: 'retention', atMs: startMs, isReadAgain: false } as const
      const place = { subscription: 3, partition: 0, mode: 'own', position: 8, sequence: 4 } as const
      const progress = { ...place, catchUp, skipped: [] }
      await store.settle({ ...nothingSettled, watermarks: [{ partition: 0, position: 10 }], progress: [progress] })
      await store.settle({
        ...nothingSettled,
        watermarks: [
          { partition: 0, position: 12 },
          { partition: 1, position: 2 },
        ],
        progress: [{ ...place, mode: 'shared', position: 12, sequence: 6, catchUp: null, skipped: [span] }],
      })
      await store.settle({ ...nothingSettled, progress: [{ ...progress, subscription: 4 }] })
      const again = await reopen()
      expect(await again.load()).toEqual({
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

    it('gives waiting rows when they are due, earliest first, without excluded subscriptions', async () => {
      const { store, reopen } = await fresh()
      const rows = [
        waitingRow(1, 5, { dueAtMs: startMs + 300 }),
        waitingRow(2, 5, { dueAtMs: startMs + 100, sequence: null, attempts: 3, firstAttemptAtMs: startMs - 9 }),
        waitingRow(1, 6, { dueAtMs: startMs + 200, tenantId: 116015326147118082n }),
        waitingRow(3, 1, { dueAtMs: startMs + 900, tenantId: 2n ** 63n - 1n }),
      ]
      await store.settle({ ...nothingSettled, waiting: rows })
      const again = await reopen()
      expect((await list(again, [3])).rows[0]?.tenantId).toBe(2n ** 63n - 1n)
      const due = (nowMs: number, limit = 10, excluding = nobody) => again.due({ nowMs, limit, excluding })
      expect(await due(startMs + 300)).toEqual([rows[1], rows[2], rows[0]])
      expect(await due(startMs + 300, 2)).toEqual([rows[1], rows[2]])
      expect(await due(startMs + 99)).toEqual([])
      const claimed = new Set([deliveryKeyText(rows[1]!)])
      expect(await again.due({ nowMs: startMs + 300, limit: 1, excluding: nobody, claimed })).toEqual([rows[2]])
      expect(await again.nextDueMs({ excluding: nobody, claimed })).toBe(startMs + 200)
      expect(await again.nextDueMs({ excluding: new Set([1, 3]), claimed })).toBeNull()
      expect(await due(startMs + 1_000, 10, new Set([1]))).toEqual([rows[1], rows[3]])
      expect(await again.nextDueMs({ excluding: nobody })).toBe(startMs + 100)
      expect(await again.nextDueMs({ excluding: new Set([2]) })).toBe(startMs + 200)
      expect(await again.nextDueMs({ excluding: new Set([1, 2, 3]) })).toBeNull()
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
      const due = () => store.due({ nowMs: later * 2, limit: 10, excluding: nobody })
      await store.settle({ ...nothingSettled, waiting: rows, attempts })
      await store.bringForward(startMs, 0)
      const [five, six, seven, eight] = rows
      const [fiveNow, eightNow] = [five, eight].map((row) => ({ ...row, dueAtMs: startMs }))
      expect(await due()).toEqual([fiveNow, eightNow, seven, six])
      await store.bringForward(startMs, dayMs)
      expect(await due()).toEqual([
        fiveNow,
        { ...seven, dueAtMs: startMs },
        eightNow,
        { ...six, dueAtMs: startMs + 80 },
      ])
    })

    it('tells the oldest position that waits, by partition', async () => {
      const { store } = await fresh()
      expect(await store.oldestWaiting(0)).toBeNull()
      const waiting = [waitingRow(1, 9), waitingRow(2, 7, { dueAtMs: startMs + 90_000 }), waitingRow(1, 8)]
      const elsewhere = { ...waitingRow(3, 2), partition: 1 }
      const ended = [{ ...waitingRow(4, 5), status: 'failed' as const }]
      await store.settle({ ...nothingSettled, waiting: [...waiting, elsewhere], ended })
      expect(await store.oldestWaiting(0)).toBe(7)
      expect(await store.oldestWaiting(1)).toBe(2)
      await store.settle({ ...nothingSettled, cleared: [keyOf(2, 7)] })
      expect(await store.oldestWaiting(0)).toBe(8)
      await store.forget(1)
      expect(await store.oldestWaiting(0)).toBeNull()
    })

    it('finds the due rows of others behind very many of an excluded subscription', async () => {
      const { store } = await fresh()
      const blocked = Array.from({ length: 5_000 }, (_, n) => waitingRow(1, n + 1, { dueAtMs: startMs }))
      const others = [3, 2].map((subscription) => waitingRow(subscription, 1, { dueAtMs: startMs + 10 - subscription }))
      await store.settle({ ...nothingSettled, waiting: [...blocked, ...others] })
      const excluding = new Set([1])
      expect(await store.due({ nowMs: startMs + 10, limit: 5, excluding })).toEqual(others)
      expect(await store.due({ nowMs: startMs + 10, limit: 1, excluding })).toEqual([others[0]])
      expect(await store.due({ nowMs: startMs, limit: 5, excluding })).toEqual([])
      const claimed = new Set([deliveryKeyText(others[0]!)])
      expect(await store.due({ nowMs: startMs + 10, limit: 1, excluding, claimed })).toEqual([others[1]])
      expect(await store.nextDueMs({ excluding, claimed })).toBe(startMs + 8)
      expect(await store.nextDueMs({ excluding })).toBe(startMs + 7)
      expect(await store.nextDueMs({ excluding: new Set([1, 2, 3]) })).toBeNull()
    })

    it('moves a delivery from waiting to failed to gone, never being two at once', async () => {
      const { store } = await fresh()
      const row = waitingRow(1, 5)
      await store.settle({ ...nothingSettled, waiting: [row], attempts: [failedAttempt(1, 5)] })
      expect(await store.count()).toEqual({ waiting: 1, failed: 0, superseded: 0 })
      expect(await store.count(1)).toEqual({ waiting: 1, failed: 0, superseded: 0 })
      expect(await store.count(99)).toEqual({ waiting: 0, failed: 0, superseded: 0 })
      expect(await store.find(keyOf(1, 5))).toMatchObject({
        status: 'waiting',
        nextAttemptAtMs: row.dueAtMs,
        attempts: 1,
      })
      await store.settle({
        ...nothingSettled,
        ended: [{ ...row, attempts: 2, status: 'failed' }],
        attempts: [failedAttempt(1, 5, { attempt: 2, atMs: startMs + 5_000, outcome: 'failed' })],
      })
      expect(await store.count()).toEqual({ waiting: 0, failed: 1, superseded: 0 })
      expect(await store.due({ nowMs: startMs + dayMs, limit: 9, excluding: nobody })).toEqual([])
      expect(await store.find(keyOf(1, 5))).toMatchObject({
        status: 'failed',
        nextAttemptAtMs: null,
        attempts: 2,
        lastAttempt: { attempt: 2, error: 'http_500' },
      })
      await store.settle({
        ...nothingSettled,
        cleared: [keyOf(1, 5)],
        attempts: [attemptRow(1, 5, { attempt: 3, atMs: startMs + 9_000 })],
      })
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
      await store.settle({ ...nothingSettled, attempts: records })
      const again = await reopen()
      expect(await again.attemptsOf(keyOf(1, 1))).toEqual(records)
      expect(await again.attemptsOf(keyOf(1, 2))).toEqual([])
      expect(await again.find(keyOf(1, 2))).toBeNull()
    })

    it('knows what it holds after a position', async () => {
      const { store } = await fresh()
      await store.settle({
        ...nothingSettled,
        waiting: [waitingRow(1, 5), waitingRow(1, 7), waitingRow(2, 7)],
        ended: [{ ...waitingRow(1, 8), status: 'superseded' }],
        attempts: [attemptRow(1, 9)],
      })
      const known = async (request: { after: number; to?: number; partition?: number; subscription?: number }) =>
        (await store.knownAfter({ partition: 0, ...request }))
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
      await store.settle({
        ...nothingSettled,
        waiting: [waitingRow(1, 6)],
        ended: [
          { ...waitingRow(1, 5), status: 'failed' },
          { ...waitingRow(1, 7), status: 'failed' },
          { ...waitingRow(1, 8), status: 'superseded' },
          { ...waitingRow(2, 7), status: 'failed' },
        ],
      })
      await store.reopen({ subscription: 1, partition: 0, after: 5 })
      const keys = await store.knownAfter({ partition: 0, after: 0 })
      expect(keys.map((key) => `${key.subscription}/${key.position}`).sort()).toEqual(['1/5', '1/6', '2/7'])
    })

    it('knows what was delivered after a position, since a time', async () => {
      const { store } = await fresh()
      await store.settle({
        ...nothingSettled,
        attempts: [
          { ...attemptRow(1, 5), outcome: 'delivered', atMs: 1_000 },
          { ...attemptRow(1, 6), outcome: 'delivered', atMs: 2_000 },
          { ...attemptRow(1, 7), outcome: 'delivered', atMs: 3_000 },
          { ...attemptRow(1, 8), outcome: 'failed', atMs: 3_000 },
          { ...attemptRow(2, 7), outcome: 'delivered', atMs: 3_000 },
        ],
      })
      const delivered = async (after: number, sinceMs: number, rest: { to?: number } = {}) =>
        (await store.deliveredAfter([{ subscription: 1, partition: 0, after, sinceMs, ...rest }]))
          .map((key) => key.position)
          .sort()
      expect(await delivered(5, 0)).toEqual([6, 7])
      expect(await delivered(0, 2_500)).toEqual([7])
      expect(await delivered(0, 0, { to: 6 })).toEqual([5, 6])
      expect(await delivered(7, 0)).toEqual([])
    })

    it('lists each delivery once, newest first, over days, with its last attempt', async () => {
      const { store } = await fresh()
      await store.settle({
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
      })
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
      await store.settle({
        ...nothingSettled,
        waiting: [waitingRow(1, 1), waitingRow(1, 2, { attempts: 0, dueAtMs: startMs + 1 })],
        ended: [
          { ...waitingRow(1, 3), status: 'failed' },
          { ...waitingRow(1, 4, { attempts: 0, dueAtMs: startMs + 7 }), status: 'superseded' },
        ],
        attempts: [failedAttempt(1, 1), failedAttempt(1, 3, { outcome: 'failed' }), attemptRow(1, 5)],
      })
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
      await store.settle({ ...nothingSettled, attempts, waiting })
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
      await expect(list(store, [1], null, { cursor: 'forged' })).rejects.toMatchObject({ code: 'invalid_request' })
    })

    it('forgets a subscription and nothing else', async () => {
      const { store } = await fresh()
      await store.settle({
        ...nothingSettled,
        progress: [1, 2].map((subscription) => ({
          ...{ subscription, partition: 0, mode: 'own', position: 1, sequence: 1 },
          ...{ catchUp: null, skipped: [] },
        })),
        waiting: [waitingRow(1, 1), waitingRow(2, 1)],
        ended: [{ ...waitingRow(1, 2), status: 'failed' }],
        attempts: [attemptRow(1, 3), attemptRow(1, 4, { atMs: startMs - dayMs }), attemptRow(2, 3)],
      })
      await store.forget(1)
      expect(await list(store, [1])).toEqual({ rows: [], next: null })
      expect(await store.attemptsOf(keyOf(1, 4))).toEqual([])
      expect((await store.load()).progress.map(({ subscription }) => subscription)).toEqual([2])
      expect(positions((await list(store, [2])).rows)).toEqual([1, 3])
      expect(await store.count()).toEqual({ waiting: 1, failed: 0, superseded: 0 })
    })

    it('drops whole days of attempts, and ended deliveries with them, but nothing that waits', async () => {
      const { store, reopen } = await fresh()
      await store.settle({
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
      })
      await store.dropBefore(startMs)
      const again = await reopen()
      expect(positions((await list(again, [1])).rows).sort()).toEqual([1, 3, 5])
      expect((await again.attemptsOf(keyOf(1, 3))).map(({ attempt }) => attempt)).toEqual([2])
      await again.settle({ ...nothingSettled, attempts: [attemptRow(1, 6, { atMs: startMs - 3 * dayMs })] })
      expect(positions((await list(again, [1], ['delivered'])).rows)).toEqual([5, 6])
    })

    it('applies settlements in the order of the calls', async () => {
      const { store } = await fresh()
      const calls = Array.from({ length: 50 }, (_, n) =>
        store.settle({
          ...nothingSettled,
          watermarks: [{ partition: 0, position: n }],
          waiting: [waitingRow(1, 1, { attempts: n })],
        }),
      )
      await Promise.all(calls)
      expect((await store.load()).watermarks).toEqual([{ partition: 0, position: 49 }])
      expect(await store.find(keyOf(1, 1))).toMatchObject({ attempts: 49 })
    })

    it('refuses calls once it is closed', async () => {
      const { store } = await open()
      await store.close()
      await expect(store.settle(nothingSettled)).rejects.toMatchObject({ code: 'shutting_down' })
      await store.close()
    })

    it('does as the model does', async () => {
      const key = fc.record({ subscription: fc.integer({ min: 1, max: 3 }), position: fc.integer({ min: 1, max: 5 }) })
      const time = fc
        .tuple(fc.integer({ min: -3, max: 0 }), fc.integer({ min: 0, max: 3 }))
        .map(([day, ms]) => startMs + day * dayMs + ms)
      const outcome = fc.constantFrom('delivered', 'waiting', 'failed', 'superseded')
      const settlement = fc.record({
        waiting: fc.array(fc.record({ key, time, attempts: fc.nat(3) }), { maxLength: 3 }),
        ended: fc.array(fc.record({ key, time, status: fc.constantFrom('failed', 'superseded') }), { maxLength: 2 }),
        cleared: fc.array(key, { maxLength: 2 }),
        attempts: fc.array(fc.record({ key, time, attempt: fc.integer({ min: 1, max: 3 }), outcome }), {
          maxLength: 5,
        }),
      })
      const step = fc.oneof(
        { weight: 8, arbitrary: settlement.map((settle) => ({ kind: 'settle', settle }) as const) },
        {
          weight: 1,
          arbitrary: fc
            .integer({ min: -3, max: 0 })
            .map((day) => ({ kind: 'drop', timeMs: startMs + day * dayMs }) as const),
        },
        {
          weight: 1,
          arbitrary: fc.integer({ min: 1, max: 3 }).map((subscription) => ({ kind: 'forget', subscription }) as const),
        },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 16 }), async (steps) => {
          const { store } = await open()
          const model = makeMemoryDeliveryStore()
          const both = async <T>(ask: (store: DeliveryStore) => Promise<T>) => {
            expect(await ask(store)).toEqual(await ask(model))
          }
          try {
            for (const step of steps) {
              for (const target of [store, model]) {
                if (step.kind === 'drop') await target.dropBefore(step.timeMs)
                else if (step.kind === 'forget') await target.forget(step.subscription)
                else {
                  const { waiting, ended, cleared, attempts } = step.settle
                  await target.settle({
                    ...nothingSettled,
                    waiting: waiting.map((row) =>
                      waitingRow(row.key.subscription, row.key.position, { dueAtMs: row.time, attempts: row.attempts }),
                    ),
                    ended: ended.map((row) => ({
                      ...waitingRow(row.key.subscription, row.key.position, { dueAtMs: row.time }),
                      status: row.status,
                    })),
                    cleared: cleared.map(({ subscription, position }) => keyOf(subscription, position)),
                    attempts: attempts.map((row) =>
                      attemptRow(row.key.subscription, row.key.position, {
                        atMs: row.time,
                        attempt: row.attempt,
                        outcome: row.outcome,
                      }),
                    ),
                  })
                }
              }
              for (const statuses of [null, ['delivered'], ['waiting', 'failed'], ['superseded']] as const) {
                for (const limit of [3, 100]) {
                  await both((asked) => list(asked, [1, 3, 2], statuses && [...statuses], { limit }))
                }
              }
              await both((asked) => walk(asked, list))
              await both((asked) => asked.count())
              await both((asked) => asked.nextDueMs({ excluding: new Set([2]) }))
              await both((asked) => asked.oldestWaiting(0))
              const claimed = new Set([deliveryKeyText(keyOf(1, 1)), deliveryKeyText(keyOf(2, 2))])
              for (const leftOut of [{ excluding: new Set([3]) }, { excluding: new Set([3]), claimed }]) {
                await both((asked) => asked.due({ nowMs: startMs, limit: 4, ...leftOut }))
                await both((asked) => asked.nextDueMs(leftOut))
              }
              for (const position of [1, 2, 3]) {
                await both((asked) => asked.find(keyOf(1, position)))
                await both((asked) => asked.attemptsOf(keyOf(1, position)))
              }
            }
          } finally {
            await store.close()
          }
        }),
        { numRuns: 12, endOnFailure: true },
      )
    })
  })
}

type List = (
  store: DeliveryStore,
  subscriptions: number[],
  statuses: DeliveryStatus[] | null,
  rest: { limit: number; cursor: string | null },
) => ReturnType<DeliveryStore['list']>

/** All pages of two, one after the other. */
async function walk(store: DeliveryStore, list: List): Promise<unknown[]> {
  const pages: unknown[] = []
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<List>> = await list(store, [1, 2, 3], null, { limit: 2, cursor })
    pages.push(page)
    if (page.next === null) return pages
    cursor = page.next
  }
}
