import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import {
  type DeliveryKey,
  type DeliveryStatus,
  deliveryKeyText,
  deliveryOf,
  type deliveryStatuses,
  type WaitingDelivery,
} from '../../core/delivery/delivery.ts'
import {
  byNewest,
  type DeliveryPlace,
  decodeDeliveryCursor,
  encodeDeliveryCursor,
} from '../../core/delivery/delivery-order.ts'
import type { DeliveryRow } from '../../core/delivery/delivery-row.ts'
import type { Lease } from '../../core/delivery/lease.ts'
import { everyShare, type Shares, shareOf } from '../../core/delivery/shares.ts'
import type { SubscriptionProgress } from '../../core/delivery/subscription-progress.ts'
import { AppError } from '../../core/errors.ts'
import { addCounts, type SeriesCounts } from '../../core/series/counts.ts'
import { minuteMs, type SeriesTally } from '../../core/series/tally.ts'
import type { WaitingOf } from '../../deliver/due-store.ts'
import type { Watermark } from '../../deliver/settling/settling-store.ts'
import type { DeliveryEngine } from '../delivery-engine.ts'

const dayMs = 24 * 3_600_000
const hourMs = 3_600_000

interface KeptOutstanding {
  readonly status: Exclude<DeliveryStatus, 'delivered'>
  readonly row: WaitingDelivery
  readonly lastAttemptAtMs: number | null
}

export interface MemoryDeliveryStore extends DeliveryEngine {
  /** From now on nothing is written under this lease, as when membership gives its shares to others. */
  endLease(lease: Lease): void
}

/** The model of delivery state: everything in maps, every question answered by looking at all of it. */
export function makeMemoryDeliveryStore(): MemoryDeliveryStore {
  /** By partition, then by share. */
  const watermarks = new Map<number, Map<number, number>>()
  const endedLeases = new Set<string>()
  const progress = new Map<string, SubscriptionProgress>()
  const outstanding = new Map<string, KeptOutstanding>()
  const attempts = new Map<string, AttemptRecord[]>()
  let counted: readonly SeriesTally[] = []
  let isClosed = false

  async function open<T>(work: () => T): Promise<T> {
    if (isClosed) throw new AppError('shutting_down', 'the store is closed')
    return work()
  }

  function put(row: WaitingDelivery, status: KeptOutstanding['status'], given: readonly AttemptRecord[]): void {
    const key = nameOf(row)
    const times = given.filter((attempt) => nameOf(attempt) === key).map((attempt) => attempt.atMs)
    const lastAttemptAtMs = times.length > 0 ? Math.max(...times) : (outstanding.get(key)?.lastAttemptAtMs ?? null)
    outstanding.set(key, { status, row: waitingPart(row), lastAttemptAtMs })
  }

  function waiting({ shares, excluding, claimed }: WaitingOf): WaitingDelivery[] {
    return [...outstanding.values()]
      .filter(({ status, row }) => status === 'waiting' && !excluding.has(row.subscription))
      .map(({ row }) => row)
      .filter((row) => isIn(shares, row))
      .filter((row) => !claimed?.has(deliveryKeyText(row)))
      .sort((a, b) => a.dueAtMs - b.dueAtMs || byKey(a, b))
  }

  function lowestWatermarks(shares: Shares): Watermark[] {
    if (shares.size === 0) return []
    return [...watermarks]
      .map(([partition, ofShares]) => {
        const position = Math.min(...[...shares].map((share) => ofShares.get(share) ?? 0))
        return { partition, position }
      })
      .sort(byPartition)
  }

  function rowOf(key: DeliveryKey): DeliveryRow | null {
    const found = outstanding.get(nameOf(key))
    const lastAttempt = attempts.get(nameOf(key))?.at(-1) ?? null
    if (found) {
      const { firstAttemptAtMs: _first, dueAtMs, ...rest } = found.row
      return {
        ...rest,
        status: found.status,
        nextAttemptAtMs: found.status === 'waiting' ? dueAtMs : null,
        lastAttempt,
      }
    }
    if (!lastAttempt) return null
    return {
      ...deliveryOf(lastAttempt),
      status: lastAttempt.outcome === 'delivered' ? 'delivered' : 'failed',
      attempts: lastAttempt.attempt,
      nextAttemptAtMs: null,
      lastAttempt,
    }
  }

  function placeOf(row: DeliveryRow): DeliveryPlace {
    const { subscription, partition, position } = row
    const found = outstanding.get(nameOf(row))
    const timeMs = found ? timeOf(found) : row.lastAttempt!.atMs
    return { timeMs, subscription, partition, position }
  }

  return {
    load: (shares) =>
      open(() => ({
        watermarks: lowestWatermarks(shares),
        progress: [...progress.values()]
          .filter((row) => isIn(shares, row))
          .sort((a, b) => a.subscription - b.subscription || byPartition(a, b)),
      })),

    place: (beginning) =>
      open(() => {
        const found = progress.get(placeName(beginning)) ?? beginning
        progress.set(placeName(beginning), found)
        return found
      }),

    settle: (settlement, lease) =>
      open(() => {
        if (endedLeases.has(leaseName(lease))) return 'fenced'
        for (const row of settlement.waiting) put(row, 'waiting', settlement.attempts)
        for (const row of settlement.ended) put(row, row.status, settlement.attempts)
        for (const key of settlement.cleared) outstanding.delete(nameOf(key))
        for (const attempt of settlement.attempts) {
          const key = nameOf(attempt)
          const same = ({ atMs, attempt: number }: AttemptRecord) => atMs === attempt.atMs && number === attempt.attempt
          const before = attempts.get(key) ?? []
          // Written again, it is there already.
          if (before.some(same)) continue
          attempts.set(
            key,
            [...before, attempt].sort((a, b) => a.atMs - b.atMs || a.attempt - b.attempt),
          )
        }
        counted = [...counted, ...settlement.tallies]
        for (const entry of settlement.progress)
          if (progress.has(placeName(entry))) progress.set(placeName(entry), entry)
        for (const { partition, position } of settlement.watermarks) {
          const ofShares = watermarks.get(partition) ?? new Map<number, number>()
          for (const share of lease.shares) ofShares.set(share, position)
          watermarks.set(partition, ofShares)
        }
        return 'written'
      }),

    due: ({ nowMs, limit, ...of }) =>
      open(() =>
        waiting(of)
          .filter((row) => row.dueAtMs <= nowMs)
          .slice(0, limit),
      ),

    bringForward: ({ shares, nowMs, byMs }) =>
      open(() => {
        for (const [key, { status, row, lastAttemptAtMs }] of outstanding) {
          if (status !== 'waiting' || row.dueAtMs <= nowMs || !isIn(shares, row)) continue
          const isOfLater = (lastAttemptAtMs ?? row.dueAtMs) > nowMs
          const dueAtMs = isOfLater ? nowMs : Math.max(nowMs, row.dueAtMs - byMs)
          outstanding.set(key, { status, row: { ...row, dueAtMs }, lastAttemptAtMs })
        }
      }),

    nextDueMs: (of) => open(() => waiting(of)[0]?.dueAtMs ?? null),

    oldestWaiting: ({ partition, after }) =>
      open(() => {
        const positions = waiting({ shares: everyShare, excluding: new Set() }).filter(
          (row) => row.partition === partition && row.position > after,
        )
        return positions.length === 0 ? null : Math.min(...positions.map(({ position }) => position))
      }),

    reopen: ({ subscription, partition, after }) =>
      open(() => {
        for (const [key, { status, row }] of outstanding) {
          const isIts = row.subscription === subscription && row.partition === partition && row.position > after
          if (isIts && status !== 'waiting') outstanding.delete(key)
        }
      }),

    deliveredAfter: (shares, requests) =>
      open(() =>
        requests
          .filter((request) => isIn(shares, request))
          .flatMap(({ subscription, partition, after, sinceMs, to = Number.POSITIVE_INFINITY }) =>
            [...attempts.values()]
              .filter((all) => all.some((attempt) => attempt.outcome === 'delivered' && attempt.atMs >= sinceMs))
              .map(([first]) => ({
                subscription: first!.subscription,
                partition: first!.partition,
                position: first!.position,
              }))
              .filter((key) => key.subscription === subscription && key.partition === partition)
              .filter(({ position }) => position > after && position <= to),
          ),
      ),

    knownAfter: ({ shares, partition, after, subscription, to = Number.POSITIVE_INFINITY }) =>
      open(() =>
        [...outstanding.values()]
          .filter(({ row }) => isIn(shares, row) && row.partition === partition)
          .filter(({ row }) => row.position > after && row.position <= to)
          .filter(({ row }) => subscription === undefined || row.subscription === subscription)
          .map(({ row }) => ({ subscription: row.subscription, partition: row.partition, position: row.position })),
      ),

    list: ({ subscriptions, statuses, limit, cursor }) =>
      open(() => {
        const after = cursor === null ? null : decodeDeliveryCursor(cursor)
        const keys = [...[...outstanding.values()].map(({ row }) => row), ...[...attempts.values()].map((of) => of[0]!)]
        const rows = [...new Map(keys.map((key) => [nameOf(key), key])).values()]
          .filter((key) => subscriptions?.includes(key.subscription) ?? true)
          .map((key) => rowOf(key)!)
          .filter((row) => outstanding.has(nameOf(row)) || row.status === 'delivered')
          .filter((row) => statuses === null || statuses.has(row.status))
          .sort((a, b) => byNewest(placeOf(a), placeOf(b)))
          .filter((row) => after === null || byNewest(after, placeOf(row)) < 0)
        const page = rows.slice(0, limit)
        return { rows: page, next: rows.length > limit ? encodeDeliveryCursor(placeOf(page.at(-1)!)) : null }
      }),

    find: (key) => open(() => rowOf(key)),
    attemptsOf: (key) => open(() => [...(attempts.get(nameOf(key)) ?? [])]),

    undelivered: ({ after, limit, cap }) =>
      open(() => {
        const rows = [...outstanding.values()].map(({ status, row }) => ({ status, subscription: row.subscription }))
        const count = (subscription: number, status: DeliveryStatus) =>
          Math.min(cap, rows.filter((row) => row.subscription === subscription && row.status === status).length)
        return [...new Set(rows.map(({ subscription }) => subscription))]
          .filter((subscription) => subscription > after)
          .sort((a, b) => a - b)
          .map((subscription) => ({
            ...{ subscription, waiting: count(subscription, 'waiting'), failed: count(subscription, 'failed') },
          }))
          .filter(({ waiting, failed }) => waiting + failed > 0)
          .slice(0, limit)
      }),

    series: ({ scopes, fromMs, steps, stepMs }) =>
      open(() =>
        Array.from({ length: steps }, (_, step) => {
          const counts: SeriesCounts = {}
          for (const { scope, minute, counts: more } of counted) {
            const isIn = Math.floor((minute * minuteMs - fromMs) / stepMs) === step
            if (isIn && scopes.includes(scope)) addCounts(counts, more)
          }
          return counts
        }),
      ),
    tally: (tallies) =>
      open(() => {
        counted = [...counted, ...tallies]
      }),

    count: (subscription) =>
      open(() => {
        const statuses = [...outstanding.values()]
          .filter(({ row }) => subscription === undefined || row.subscription === subscription)
          .map(({ status }) => status)
        const count = (wanted: (typeof deliveryStatuses)[number]) => statuses.filter((is) => is === wanted).length
        return { waiting: count('waiting'), failed: count('failed'), superseded: count('superseded') }
      }),

    forget: (subscription) =>
      open(() => {
        for (const [key, { row }] of outstanding) if (row.subscription === subscription) outstanding.delete(key)
        for (const [key, [first]] of attempts) if (first!.subscription === subscription) attempts.delete(key)
        for (const [key, entry] of progress) if (entry.subscription === subscription) progress.delete(key)
      }),

    dropBefore: (timeMs) =>
      open(() => {
        for (const [key, entry] of outstanding) {
          if (entry.status !== 'waiting' && timeOf(entry) < timeMs) outstanding.delete(key)
        }
        const fromMs = Math.floor(timeMs / dayMs) * dayMs
        counted = counted.filter(({ minute }) => minute * minuteMs >= Math.floor(timeMs / hourMs) * hourMs)
        for (const [key, of] of attempts) {
          const kept = of.filter((attempt) => attempt.atMs >= fromMs)
          if (kept.length > 0) attempts.set(key, kept)
          else attempts.delete(key)
        }
      }),

    endLease: (lease) => {
      endedLeases.add(leaseName(lease))
    },

    close: async () => {
      isClosed = true
    },
  }
}

function placeName({ subscription, partition }: SubscriptionProgress): string {
  return `${subscription}/${partition}`
}

function leaseName({ node, generation }: Lease): string {
  return `${node} ${generation}`
}

function isIn(shares: Shares, { subscription }: { readonly subscription: number }): boolean {
  return shares.has(shareOf(subscription))
}

function timeOf({ status, row, lastAttemptAtMs }: KeptOutstanding): number {
  return status === 'waiting' ? row.dueAtMs : (lastAttemptAtMs ?? row.dueAtMs)
}

function waitingPart(row: WaitingDelivery): WaitingDelivery {
  const { attempts, firstAttemptAtMs, dueAtMs } = row
  return { ...deliveryOf(row), attempts, firstAttemptAtMs, dueAtMs }
}

function nameOf({ subscription, partition, position }: DeliveryKey): string {
  return `${subscription}/${partition}/${position}`
}

function byKey(a: DeliveryKey, b: DeliveryKey): number {
  return a.subscription - b.subscription || a.partition - b.partition || a.position - b.position
}

function byPartition(a: { partition: number }, b: { partition: number }): number {
  return a.partition - b.partition
}
