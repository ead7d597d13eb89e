import { expect, test } from 'vitest'
import { noTiming } from '../core/delivery/attempt-timing.ts'
import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import { soleLease } from '../core/delivery/lease.ts'
import { everyShare } from '../core/delivery/shares.ts'
import type { Resend } from '../core/registry/registry.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import { Directory } from '../registry/directory.ts'
import { Registry } from '../registry/registry.ts'
import { beginResend, cancelResend, resendRecords } from '../registry/resend-records.ts'
import { ResendRuns } from './resend-runs.ts'
import { nothingSettled } from './settling/settling-store.ts'

const retentionMs = 86_400_000
const startMs = Date.parse('2026-01-31T12:00:00Z')
const subscription = { id: 'sub_1', number: 1, integrationId: 'int_1', boundTenantId: null }

async function startWorld(count: number, status: 'failed' | 'waiting' = 'failed') {
  const clock = { nowMs: startMs, now: () => clock.nowMs, schedule: () => () => {} }
  const store = makeMemoryDeliveryStore()
  const registryStore = makeMemoryRegistryStore()
  const directory = await Directory.follow(registryStore, clock)
  const registry = new Registry({ store: registryStore, directory, peppers: [new Uint8Array(32)], clock })
  const rows = Array.from({ length: count }, (_, index) => ({
    ...{ subscription: 1, partition: 0, position: index + 1, topic: 'invoices', type: 'invoice.updated' },
    ...{ tenantId: 1, entityKey: String(index), sequence: index + 1, attempts: 1 },
    ...{ firstAttemptAtMs: startMs - 10_000 + index, dueAtMs: startMs + 3_600_000 + index * 10 },
  }))
  await store.settle(
    {
      ...nothingSettled,
      waiting: status === 'waiting' ? rows : [],
      ended: status === 'failed' ? rows.map((row) => ({ ...row, status })) : [],
      attempts: rows.map((row) => ({
        ...row,
        ...{
          attempt: 1,
          atMs: row.firstAttemptAtMs,
          durationMs: 1,
          timing: noTiming,
          answerHeaders: null,
          status: 500,
          error: 'http_500' as const,
        },
        ...{ body: null, outcome: status },
      })),
    },
    soleLease,
  )
  const sent: number[] = []
  const failures: unknown[] = []
  const failure = Promise.withResolvers<void>()
  let during = async (_page: readonly DeliveryRow[]) => {}
  const open = () =>
    new ResendRuns({
      history: store,
      nowMs: () => clock.nowMs,
      records: resendRecords(registry, retentionMs),
      searchOf: () => ({
        ...{
          subscriptions: [1],
          statuses: new Set(['failed', 'waiting'] as const),
          wantsType: null,
          tenants: null,
          entityKey: null,
        },
        ...{ error: null, sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY },
      }),
      resend: async (page) => {
        clock.nowMs += 1
        await during(page)
        sent.push(...page.map(({ position }) => position))
        await store.settle(
          {
            ...nothingSettled,
            waiting: page.map(({ status: _s, nextAttemptAtMs: _n, lastAttempt: _l, ...row }) => ({
              ...row,
              firstAttemptAtMs: startMs,
              dueAtMs: clock.nowMs,
            })),
          },
          soleLease,
        )
      },
      flush: async () => {},
      onFailure: (error) => {
        failures.push(error)
        failure.resolve()
      },
    })
  /** Resolves when the resend's record is as wanted. */
  const until = (id: string, isWanted: (resend: Resend) => boolean) =>
    new Promise<Resend>((resolve) => {
      const look = () => {
        const resend = directory.resends.get(id)
        if (resend && isWanted(resend)) resolve(resend)
      }
      directory.onChanged(look)
      look()
    })
  /** The queued deliveries are attempted, and fail. */
  const failAll = async () => {
    clock.nowMs += 1
    const due = await store.due({ shares: everyShare, nowMs: clock.nowMs, limit: count, excluding: new Set() })
    await store.settle(
      {
        ...nothingSettled,
        ended: due.map((row) => ({ ...row, status: 'failed' as const })),
        attempts: due.map((row) => ({
          ...row,
          ...{
            attempt: 2,
            atMs: clock.nowMs,
            durationMs: 1,
            timing: noTiming,
            answerHeaders: null,
            status: 500,
            error: 'http_500' as const,
          },
          ...{ body: null, outcome: 'failed' as const },
        })),
      },
      soleLease,
    )
  }
  return {
    ...{ clock, directory, failAll, registry, sent, failures, open, until, hasFailed: failure.promise },
    begin: (isInterrupted = (_id: string) => false) =>
      beginResend(registry, subscription as never, { status: 'failed' }, isInterrupted),
    onPage: (work: typeof during) => {
      during = work
    },
  }
}

const ended = ({ status }: Resend) => status !== 'running'
const everyone = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('stopped after a page, it goes on from there: each is sent again once', async () => {
  const { begin, open, onPage, until, sent } = await startWorld(1_200)
  const { id } = await begin()
  const first = open()
  let stopped: Promise<void> | undefined
  onPage(async () => {
    stopped ??= first.stop()
  })
  first.run(id)
  const half = await until(id, ({ resent }) => resent > 0)
  await stopped
  expect(half).toMatchObject({ status: 'running', resent: 500 })
  expect(sent).toHaveLength(500)
  open().start()
  expect(await until(id, ended)).toMatchObject({ status: 'done', resent: 1_200, skipped: 0 })
  expect(sent.toSorted((a, b) => a - b)).toEqual(everyone(1_200))
})

test('a crash after a page and before its record sends none of it twice', async () => {
  const { begin, open, onPage, until, sent, registry, directory, failAll } = await startWorld(1_200)
  const { id } = await begin()
  const before = directory.resends.get(id)!
  const first = open()
  let stopped: Promise<void> | undefined
  onPage(async () => {
    stopped ??= first.stop()
  })
  first.run(id)
  await until(id, ({ resent }) => resent > 0)
  await stopped
  // As it was before the page, and what the page sent has failed again.
  await registry.commit([{ kind: 'resend', id, value: before }])
  await failAll()
  open().start()
  expect(await until(id, ended)).toMatchObject({ status: 'done', resent: 700 })
  expect(sent.toSorted((a, b) => a - b)).toEqual(everyone(1_200))
})

test('what waited is found again further down the list, and counted once; what was in line is skipped', async () => {
  const { begin, open, until, sent, clock } = await startWorld(600, 'waiting')
  // The first 100 have fallen due before it begins.
  clock.nowMs += 3_600_000 + 995
  const { id } = await begin()
  open().run(id)
  const resend = await until(id, ended)
  expect(resend).toMatchObject({ status: 'done', resent: sent.length, skipped: 600 - sent.length })
  expect(sent.toSorted((a, b) => a - b)).toEqual(everyone(600).slice(-sent.length))
  expect(sent.length).toBe(500)
})

test('cancelled, it ends after the page under way and tells what that did', async () => {
  const { begin, open, onPage, until, sent, registry, clock } = await startWorld(1_200)
  const { id } = await begin()
  onPage(async () => {
    await cancelResend(registry, id)
  })
  const resends = open()
  resends.run(id)
  expect(await until(id, ({ resent }) => resent > 0)).toMatchObject({ status: 'cancelled', resent: 500 })
  await resends.stop()
  expect(sent).toHaveLength(500)
  // Old ones go.
  clock.nowMs += 2 * retentionMs
  await resendRecords(registry, retentionMs).dropOld()
  expect(registry.directory.resends.size).toBe(0)
})

test('a failure leaves it interrupted; another may be begun, or the next start goes on', async () => {
  const { begin, open, onPage, until, failures, hasFailed, sent } = await startWorld(700)
  const { id } = await begin()
  const first = open()
  await expect(begin()).rejects.toMatchObject({ code: 'conflict' })
  onPage(async () => {
    onPage(async () => {})
    throw new Error('the disk is full')
  })
  first.run(id)
  await hasFailed
  expect(first.isInterrupted(id)).toBe(true)
  expect([failures.length, sent.length]).toEqual([1, 0])
  const second = await begin((other) => first.isInterrupted(other))
  expect(await until(id, ended)).toMatchObject({ status: 'interrupted', resent: 0 })
  open().start()
  expect(await until(second.id, ended)).toMatchObject({ status: 'done', resent: 700 })
})

test('of one integration a hundred that have ended are kept', async () => {
  const { begin, clock, registry, directory } = await startWorld(0)
  for (let index = 0; index < 103; index++) {
    await cancelResend(registry, (await begin()).id)
    // Which is older is told by the millisecond.
    clock.nowMs += 1
  }
  const newest = [...directory.resends.values()].at(-1)!.id
  await resendRecords(registry, retentionMs).dropOld()
  expect(directory.resends.size).toBe(100)
  expect(directory.resends.get(newest)).toBeDefined()
})
