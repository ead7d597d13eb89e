import type { DatabaseSync } from 'node:sqlite'
import type { WaitingDelivery } from '../../../core/delivery/delivery.ts'
import {
  type DeliveryKey,
  type DeliveryStatus,
  deliveryKeyText,
  deliveryStatuses,
} from '../../../core/delivery/delivery.ts'
import type { DeliveryRow } from '../../../core/delivery/delivery-row.ts'
import { type Shares, shareCount, shareOf } from '../../../core/delivery/shares.ts'
import type { DueRequest, KnownRequest, WaitingOf } from '../../../deliver/due-store.ts'
import type { Undelivered, UndeliveredRequest } from '../../../deliver/history/history-store.ts'
import { Statements } from '../file/statements.ts'
import type { ListBound, NewestBelow } from './attempt-days.ts'
import { deliveryOfColumns } from './delivery-columns.ts'
import { tenantColumn } from './tenant-column.ts'

type Row = Record<string, unknown>

const wholeRow = `SELECT subscription, partition, position, status, time_ms, first_attempt_at_ms, attempts, sequence,
  topic, type, ${tenantColumn}, entity_key`

/** A row of `outstanding` with the time that lists go by. */
export interface OutstandingRow {
  readonly timeMs: number
  readonly delivery: Omit<DeliveryRow, 'lastAttempt'>
}

/** Rows of subscriptions that are not asked for that a scan by time passes over before it goes subscription by subscription instead. */
const mostPassedOver = 2_000
const nothing: ReadonlySet<string> = new Set()

/** Deliveries that wait or have ended without success. */
export class OutstandingTable {
  readonly #statements: Statements

  constructor(database: DatabaseSync) {
    this.#statements = new Statements(database)
  }

  put(row: WaitingDelivery, status: 'waiting' | 'failed' | 'superseded', lastAttemptAtMs: number | null): void {
    this.#statements
      .get(`
      INSERT INTO outstanding (subscription, partition, position, status, time_ms, last_attempt_at_ms,
        first_attempt_at_ms, attempts, sequence, topic, type, tenant_id, entity_key)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (subscription, partition, position) DO UPDATE SET
        status = excluded.status,
        time_ms = iif(excluded.status = 0, excluded.time_ms,
          coalesce(excluded.last_attempt_at_ms, last_attempt_at_ms, excluded.time_ms)),
        last_attempt_at_ms = coalesce(excluded.last_attempt_at_ms, last_attempt_at_ms),
        first_attempt_at_ms = excluded.first_attempt_at_ms,
        attempts = excluded.attempts,
        sequence = excluded.sequence,
        topic = excluded.topic,
        type = excluded.type,
        tenant_id = excluded.tenant_id,
        entity_key = excluded.entity_key`)
      .run(
        row.subscription,
        row.partition,
        row.position,
        deliveryStatuses.indexOf(status),
        Math.ceil(status === 'waiting' ? row.dueAtMs : (lastAttemptAtMs ?? row.dueAtMs)),
        lastAttemptAtMs,
        Math.trunc(row.firstAttemptAtMs),
        row.attempts,
        row.sequence,
        row.topic,
        row.type,
        row.tenantId,
        row.entityKey,
      )
  }

  remove(key: DeliveryKey): void {
    this.#statements
      .get('DELETE FROM outstanding WHERE subscription = ? AND partition = ? AND position = ?')
      .run(key.subscription, key.partition, key.position)
  }

  find(key: DeliveryKey): OutstandingRow | null {
    const row = this.#statements
      .get(`${wholeRow} FROM outstanding WHERE subscription = ? AND partition = ? AND position = ?`)
      .get(key.subscription, key.partition, key.position)
    return row ? outstandingOf(row) : null
  }

  due(request: DueRequest): WaitingDelivery[] {
    const { nowMs, limit } = request
    const scan = limit + passedOver(request)
    const keys = this.#statements
      .get(`
      SELECT subscription, partition, position FROM outstanding INDEXED BY outstanding_due
      WHERE status = 0 AND time_ms <= ? ORDER BY time_ms, subscription, partition, position LIMIT ?`)
      .all(nowMs, scan) as unknown as DeliveryKey[]
    const found = keys.filter((key) => isAskedFor(request, key)).slice(0, limit)
    if (found.length === limit || keys.length < scan) return found.map((key) => this.#waitingRow(key))
    return this.#dueBySubscription(request)
  }

  /** Goes through all that waits: for the rare case that the clock was set back. */
  bringForward({ shares, nowMs, byMs }: { shares: Shares; nowMs: number; byMs: number }): void {
    this.#statements
      .get(`
      UPDATE outstanding
      SET time_ms = iif(coalesce(last_attempt_at_ms, time_ms) > :now, :now, max(:now, time_ms - :by))
      WHERE status = 0 AND time_ms > :now AND subscription % ${shareCount} IN (SELECT value FROM json_each(:shares))`)
      .run({ now: nowMs, by: byMs, shares: JSON.stringify([...shares]) })
  }

  /** One seek per subscription that has waiting rows: a blocked endpoint's million rows are never walked through. */
  #dueBySubscription(request: DueRequest): WaitingDelivery[] {
    const { nowMs, limit, claimed = nothing } = request
    let rows: WaitingDelivery[] = []
    let untilMs = nowMs
    for (const subscription of this.#waitingSubscriptions(request)) {
      const more = this.#statements
        .get(`
        ${wholeRow} FROM outstanding INDEXED BY outstanding_by_time
        WHERE status = 0 AND subscription = ? AND time_ms <= ? ORDER BY time_ms, partition, position LIMIT ?`)
        .all(subscription, untilMs, limit + claimed.size)
        .map(waitingOf)
        .filter((row) => !claimed.has(deliveryKeyText(row)))
      if (more.length === 0) continue
      rows = [...rows, ...more].sort(byDue).slice(0, limit)
      if (rows.length === limit) untilMs = rows.at(-1)!.dueAtMs
    }
    return rows
  }

  nextDueMs(waiting: WaitingOf): number | null {
    const scan = 1 + passedOver(waiting)
    const rows = this.#statements
      .get(`
      SELECT subscription, partition, position, time_ms FROM outstanding INDEXED BY outstanding_due
      WHERE status = 0 ORDER BY time_ms LIMIT ?`)
      .all(scan) as unknown as (DeliveryKey & { readonly time_ms: number })[]
    const isOpen = (key: DeliveryKey) => isAskedFor(waiting, key)
    const first = rows.find(isOpen)
    if (first) return first.time_ms
    if (rows.length < scan) return null
    let nextMs: number | null = null
    for (const subscription of this.#waitingSubscriptions(waiting)) {
      const row = (
        this.#statements
          .get(`
          SELECT subscription, partition, position, time_ms FROM outstanding INDEXED BY outstanding_by_time
          WHERE status = 0 AND subscription = ? ORDER BY time_ms, partition, position LIMIT ?`)
          .all(subscription, 1 + (waiting.claimed?.size ?? 0)) as unknown as typeof rows
      ).find(isOpen)
      if (row && (nextMs === null || row.time_ms < nextMs)) nextMs = row.time_ms
    }
    return nextMs
  }

  /** Goes through the index of what waits, which holds the positions; it is asked every few minutes. */
  oldestWaiting({ partition, after }: { readonly partition: number; readonly after: number }): number | null {
    const row = this.#statements
      .get(`
      SELECT min(position) AS position FROM outstanding INDEXED BY outstanding_due
      WHERE status = 0 AND partition = ? AND position > ?`)
      .get(partition, after)
    return (row?.position as number | null | undefined) ?? null
  }

  *#waitingSubscriptions({ shares, excluding }: WaitingOf): Iterable<number> {
    const next = this.#statements.get(`
      SELECT subscription FROM outstanding INDEXED BY outstanding_by_time
      WHERE status = 0 AND subscription > ? ORDER BY subscription LIMIT 1`)
    for (let after = -1; ; ) {
      const row = next.get(after)
      if (!row) return
      after = row.subscription as number
      if (shares.has(shareOf(after)) && !excluding.has(after)) yield after
    }
  }

  knownAfter({ shares, partition, after, subscription, to = Number.MAX_SAFE_INTEGER }: KnownRequest): DeliveryKey[] {
    const known =
      'SELECT subscription, partition, position FROM outstanding WHERE partition = ? AND position > ? AND position <= ?'
    const rows =
      subscription === undefined
        ? this.#statements.get(known).all(partition, after, to)
        : this.#statements.get(`${known} AND subscription = ?`).all(partition, after, to, subscription)
    const keys = rows.map((row) => ({ ...row })) as unknown as DeliveryKey[]
    return keys.filter((key) => shares.has(shareOf(key.subscription)))
  }

  /** A subscription's rows of one status, newest first. */
  list(
    status: DeliveryStatus,
    request: { subscription: number; below: ListBound; fromMs: number; limit: number },
  ): OutstandingRow[] {
    const { subscription, below, fromMs, limit } = request
    return this.#statements
      .get(`
      ${wholeRow} FROM outstanding INDEXED BY outstanding_by_time
      WHERE status = ? AND subscription = ? AND (time_ms, partition, position) < (?, ?, ?) AND time_ms >= ?
      ORDER BY time_ms DESC, partition DESC, position DESC LIMIT ?`)
      .all(deliveryStatuses.indexOf(status), subscription, below.timeMs, below.partition, below.position, fromMs, limit)
      .map(outstandingOf)
  }

  /** Rows of one status, of all subscriptions, newest first. */
  newest(status: DeliveryStatus, { below, fromMs, limit }: NewestBelow): OutstandingRow[] {
    const [index, isCovered] =
      status === 'waiting' ? ['outstanding_due', 'status = 0'] : ['outstanding_ended', 'status <> 0']
    return this.#statements
      .get(`
      ${wholeRow} FROM outstanding INDEXED BY ${index}
      WHERE ${isCovered} AND status = ? AND (time_ms, subscription, partition, position) < (?, ?, ?, ?) AND time_ms >= ?
      ORDER BY time_ms DESC, subscription DESC, partition DESC, position DESC LIMIT ?`)
      .all(
        deliveryStatuses.indexOf(status),
        below.timeMs,
        below.subscription,
        below.partition,
        below.position,
        fromMs,
        limit,
      )
      .map(outstandingOf)
  }

  count(status: DeliveryStatus, subscription: number | null): number {
    const all = 'SELECT count(*) AS count FROM outstanding WHERE status = ?'
    const code = deliveryStatuses.indexOf(status)
    const row =
      subscription === null
        ? this.#statements.get(all).get(code)
        : this.#statements.get(`${all} AND subscription = ?`).get(code, subscription)
    return row!.count as number
  }

  /** One seek for each subscription and status, and at most `cap` entries of an index for each count. */
  undelivered({ after, limit, cap }: UndeliveredRequest): Undelivered[] {
    const next = this.#statements.get(`
      SELECT subscription FROM outstanding INDEXED BY outstanding_by_time
      WHERE status = ? AND subscription > ? ORDER BY subscription LIMIT 1`)
    const some = this.#statements.get(`
      SELECT count(*) AS count FROM (SELECT 1 FROM outstanding INDEXED BY outstanding_by_time
        WHERE status = ? AND subscription = ? LIMIT ?)`)
    const [waiting, failed] = [deliveryStatuses.indexOf('waiting'), deliveryStatuses.indexOf('failed')]
    const found: Undelivered[] = []
    for (let last = after; found.length < limit; ) {
      const candidates = [waiting, failed].flatMap((status) => (next.get(status, last)?.subscription as number) ?? [])
      if (candidates.length === 0) break
      last = Math.min(...candidates)
      const count = (status: number) => some.get(status, last, cap)!.count as number
      found.push({ subscription: last, waiting: count(waiting), failed: count(failed) })
    }
    return found
  }

  /** Deletes up to `limit` ended rows of each status last attempted before the time. Returns whether there may be more. */
  deleteEndedBefore(timeMs: number, limit: number): boolean {
    const ended = (['failed', 'superseded'] as const).map((status) => deliveryStatuses.indexOf(status))
    const deleted = ended.map((status) => {
      const { changes } = this.#statements
        .get(`
        DELETE FROM outstanding WHERE (subscription, partition, position) IN
          (SELECT subscription, partition, position FROM outstanding INDEXED BY outstanding_ended
           WHERE status <> 0 AND status = ? AND time_ms < ? LIMIT ?)`)
        .run(status, timeMs, limit)
      return Number(changes)
    })
    return deleted.includes(limit)
  }

  /** Deletes up to `limit` rows of a subscription. Returns whether there may be more. */
  deleteSome(subscription: number, limit: number): boolean {
    const { changes } = this.#statements
      .get(`
      DELETE FROM outstanding WHERE (subscription, partition, position) IN
        (SELECT subscription, partition, position FROM outstanding WHERE subscription = ? LIMIT ?)`)
      .run(subscription, limit)
    return changes === limit
  }

  #waitingRow(key: DeliveryKey): WaitingDelivery {
    return waitingOf(
      this.#statements
        .get(`${wholeRow} FROM outstanding WHERE subscription = ? AND partition = ? AND position = ?`)
        .get(key.subscription, key.partition, key.position)!,
    )
  }
}

function isAskedFor({ shares, excluding, claimed = nothing }: WaitingOf, key: DeliveryKey): boolean {
  const { subscription } = key
  return shares.has(shareOf(subscription)) && !excluding.has(subscription) && !claimed.has(deliveryKeyText(key))
}

/** Rows that a scan by time may have to pass over. Whoever owns every share and leaves nobody out passes over claims alone. */
function passedOver({ shares, excluding, claimed = nothing }: WaitingOf): number {
  const isAnybody = shares.size === shareCount && excluding.size === 0
  return claimed.size + (isAnybody ? 0 : mostPassedOver)
}

function byDue(a: WaitingDelivery, b: WaitingDelivery): number {
  return (
    a.dueAtMs - b.dueAtMs || a.subscription - b.subscription || a.partition - b.partition || a.position - b.position
  )
}

function waitingOf(row: Row): WaitingDelivery {
  return {
    ...deliveryOfColumns(row),
    attempts: row.attempts as number,
    firstAttemptAtMs: row.first_attempt_at_ms as number,
    dueAtMs: row.time_ms as number,
  }
}

function outstandingOf(row: Row): OutstandingRow {
  const status = deliveryStatuses[row.status as number]!
  const timeMs = row.time_ms as number
  return {
    timeMs,
    delivery: {
      ...deliveryOfColumns(row),
      status,
      attempts: row.attempts as number,
      nextAttemptAtMs: status === 'waiting' ? timeMs : null,
    },
  }
}
