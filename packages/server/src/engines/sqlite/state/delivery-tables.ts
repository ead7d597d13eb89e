import type { DatabaseSync } from 'node:sqlite'
import type { AttemptRecord } from '../../../core/delivery/attempt-record.ts'
import type { DeliveryKey } from '../../../core/delivery/delivery.ts'
import type { DeliveryCounts, DeliveryRow } from '../../../core/delivery/delivery-row.ts'
import { type Shares, shareCount, shareOf } from '../../../core/delivery/shares.ts'
import type { SubscriptionProgress } from '../../../core/delivery/subscription-progress.ts'
import type { SeriesCounts } from '../../../core/series/counts.ts'
import type { SeriesTally } from '../../../core/series/tally.ts'
import type { DeliveredRequest, DueRequest, KnownRequest, WaitingOf } from '../../../deliver/due-store.ts'
import type { DeliveryQuery, Undelivered, UndeliveredRequest } from '../../../deliver/history/history-store.ts'
import type { SeriesRequest } from '../../../deliver/history/series-store.ts'
import type { Settlement, StoredProgress } from '../../../deliver/settling/settling-store.ts'
import type { DeliveryEngine } from '../../delivery-engine.ts'
import { damaged } from '../file/damage.ts'
import { Statements } from '../file/statements.ts'
import { inTransaction } from '../file/transaction.ts'
import { AttemptDays } from './attempt-days.ts'
import { deliveredRow, listDeliveries } from './delivery-list.ts'
import { rowChecksumSql, verifiedTables } from './delivery-schema.ts'
import { OutstandingTable } from './outstanding.ts'
import { SeriesTable } from './series-table.ts'

/** Rows deleted between two other pieces of work of the thread: a few milliseconds. */
const sliceRows = 5_000

/** The delivery state's statements. Synchronous: it lives in the worker thread. */
export class DeliveryTables {
  readonly #database: DatabaseSync
  readonly #statements: Statements
  readonly #outstanding: OutstandingTable
  readonly #days: AttemptDays
  readonly #series: SeriesTable

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = new Statements(database)
    this.#outstanding = new OutstandingTable(database)
    this.#days = new AttemptDays(database)
    this.#series = new SeriesTable(database)
    this.#verify()
  }

  /** Grows with every settlement, and every place, that is durable. */
  get settlements(): number {
    return Number(this.#statements.get("SELECT value FROM sums WHERE name = 'settlements'").get()?.value ?? 0)
  }

  /** What waits and how far everybody has come is gone through at the start: it is bounded, unlike the history. */
  #verify(): void {
    for (const [table, columns] of Object.entries(verifiedTables)) {
      const row = this.#database
        .prepare(
          `SELECT (SELECT total(${rowChecksumSql(columns, table)}) FROM ${table}) AS found,
             (SELECT value FROM sums WHERE name = '${table}') AS expected`,
        )
        .get()!
      if (row.found !== row.expected) throw damaged(`the state of deliveries (${table})`)
    }
  }

  /** Goes through the whole history, which no start does. Returns the tables that are not as they were written. */
  damagedHistory(): string[] {
    return this.#days.damagedTables()
  }

  load(shares: Shares): StoredProgress {
    const progress = this.#statements
      .get('SELECT * FROM progress ORDER BY subscription, partition')
      .all()
      .filter((row) => shares.has(shareOf(row.subscription as number)))
    const partitions = this.#statements.get('SELECT partition FROM watermarks ORDER BY partition').all()
    return {
      watermarks: partitions.flatMap((row) => {
        const partition = row.partition as number
        const positions = this.#watermarksOf(partition).filter((_, share) => shares.has(share))
        return positions.length === 0 ? [] : [{ partition, position: Math.min(...positions) }]
      }),
      progress: progress.map(placeOf),
    }
  }

  /** Durable when it returns. */
  place(beginning: SubscriptionProgress): SubscriptionProgress {
    const { subscription, partition } = beginning
    const row = inTransaction(this.#database, () => {
      this.#statements.get('INSERT OR IGNORE INTO progress VALUES (?, ?, ?, ?, ?, ?, ?)').run(...columnsOf(beginning))
      this.#count()
      return this.#statements
        .get('SELECT * FROM progress WHERE subscription = ? AND partition = ?')
        .get(subscription, partition)
    })
    return placeOf(row!)
  }

  /** @param shares those of the lease */
  settle(settlement: Settlement, shares: Shares): void {
    const lastAttempts = lastAttemptTimes(settlement)
    try {
      inTransaction(this.#database, () => {
        for (const row of settlement.waiting) {
          this.#outstanding.put(row, 'waiting', lastAttempts.get(nameOf(row)) ?? null)
        }
        for (const row of settlement.ended) {
          this.#outstanding.put(row, row.status, lastAttempts.get(nameOf(row)) ?? null)
        }
        for (const key of settlement.cleared) this.#outstanding.remove(key)
        this.#days.insert(settlement.attempts)
        this.#series.add(settlement.tallies)
        this.#putPlaces(settlement, shares)
        this.#count()
      })
    } catch (error) {
      this.#days.forgetTables()
      throw error
    }
  }

  #count(): void {
    this.#statements.get("INSERT INTO sums VALUES ('settlements', 1) ON CONFLICT DO UPDATE SET value = value + 1").run()
  }

  /** By share. */
  #watermarksOf(partition: number): number[] {
    const row = this.#statements.get('SELECT positions FROM watermarks WHERE partition = ?').get(partition)
    return row ? JSON.parse(row.positions as string) : new Array(shareCount).fill(0)
  }

  #putPlaces({ progress, watermarks }: Settlement, shares: Shares): void {
    for (const place of progress) {
      this.#statements
        .get(`
        UPDATE progress SET is_own = ?3, position = ?4, sequence = ?5, catch_up = ?6, skipped = ?7
        WHERE subscription = ?1 AND partition = ?2`)
        .run(...columnsOf(place))
    }
    for (const { partition, position } of watermarks) {
      const positions = this.#watermarksOf(partition).map((own, share) => (shares.has(share) ? position : own))
      this.#statements
        .get('INSERT INTO watermarks VALUES (?, ?) ON CONFLICT DO UPDATE SET positions = excluded.positions')
        .run(partition, JSON.stringify(positions))
    }
  }

  undelivered(request: UndeliveredRequest): readonly Undelivered[] {
    return this.#outstanding.undelivered(request)
  }

  series(request: SeriesRequest): readonly SeriesCounts[] {
    return this.#series.read(request)
  }

  /** Durable when it returns. */
  tally(tallies: readonly SeriesTally[]): void {
    inTransaction(this.#database, () => {
      this.#series.add(tallies)
      this.#count()
    })
  }

  due(request: DueRequest) {
    return this.#outstanding.due(request)
  }

  bringForward(request: Parameters<DeliveryEngine['bringForward']>[0]): void {
    this.#outstanding.bringForward(request)
  }

  nextDueMs(waiting: WaitingOf): number | null {
    return this.#outstanding.nextDueMs(waiting)
  }

  oldestWaiting(request: { readonly partition: number; readonly after: number }): number | null {
    return this.#outstanding.oldestWaiting(request)
  }

  knownAfter(request: KnownRequest): DeliveryKey[] {
    return this.#outstanding.knownAfter(request)
  }

  reopen({ subscription, partition, after }: Parameters<DeliveryEngine['reopen']>[0]): null {
    this.#statements
      .get('DELETE FROM outstanding WHERE subscription = ? AND partition = ? AND position > ? AND status <> 0')
      .run(subscription, partition, after)
    return null
  }

  deliveredAfter(shares: Shares, requests: readonly DeliveredRequest[]): DeliveryKey[] {
    return requests
      .filter(({ subscription }) => shares.has(shareOf(subscription)))
      .flatMap((request) => this.#days.deliveredAfter(request))
  }

  list(query: DeliveryQuery): { rows: readonly DeliveryRow[]; next: string | null } {
    return listDeliveries(query, { outstanding: this.#outstanding, days: this.#days })
  }

  find(key: DeliveryKey): DeliveryRow | null {
    const found = this.#outstanding.find(key)
    const lastAttempt = this.#days.latestOf(key)
    if (found) return { ...found.delivery, lastAttempt }
    if (!lastAttempt) return null
    // Neither delivered nor outstanding: it was given up, so it will not be attempted again.
    const status = lastAttempt.outcome === 'delivered' ? 'delivered' : 'failed'
    return { ...deliveredRow(lastAttempt), status, lastAttempt }
  }

  attemptsOf(key: DeliveryKey): AttemptRecord[] {
    return this.#days.of(key)
  }

  count(subscription: number | null): DeliveryCounts {
    const count = (status: keyof DeliveryCounts) => this.#outstanding.count(status, subscription)
    return { waiting: count('waiting'), failed: count('failed'), superseded: count('superseded') }
  }

  /** Marks a subscription as being forgotten, so that `forgetSome` goes on with it after a restart. */
  startForgetting(subscription: number): void {
    inTransaction(this.#database, () => {
      this.#statements.get('INSERT OR IGNORE INTO forgetting VALUES (?)').run(subscription)
      this.#statements.get('DELETE FROM progress WHERE subscription = ?').run(subscription)
    })
  }

  /** Subscriptions whose forgetting a stop cut short. */
  forgetting(): number[] {
    return this.#statements
      .get('SELECT subscription FROM forgetting')
      .all()
      .map((row) => row.subscription as number)
  }

  /** One slice of forgetting. Returns whether there is more to do. */
  forgetSome(subscription: number): boolean {
    return inTransaction(this.#database, () => {
      const more =
        this.#outstanding.deleteSome(subscription, sliceRows) || this.#days.deleteSome(subscription, sliceRows)
      if (!more) this.#statements.get('DELETE FROM forgetting WHERE subscription = ?').run(subscription)
      return more
    })
  }

  /** One slice of retention. Returns whether there is more to do. */
  dropSomeBefore(timeMs: number): boolean {
    try {
      return inTransaction(
        this.#database,
        () =>
          this.#outstanding.deleteEndedBefore(timeMs, sliceRows) ||
          this.#series.deleteSomeBefore(timeMs, sliceRows) ||
          this.#days.dropOldestBefore(timeMs),
      )
    } catch (error) {
      this.#days.forgetTables()
      throw error
    }
  }
}

function columnsOf(place: SubscriptionProgress) {
  const { subscription, partition, mode, position, sequence, catchUp, skipped } = place
  const isOwn = mode === 'own' ? 1 : 0
  const spans = skipped.length === 0 ? '[]' : JSON.stringify(skipped)
  return [subscription, partition, isOwn, position, sequence, catchUp && JSON.stringify(catchUp), spans] as const
}

function placeOf(row: Readonly<Record<string, unknown>>): SubscriptionProgress {
  return {
    subscription: row.subscription as number,
    partition: row.partition as number,
    mode: row.is_own === 1 ? 'own' : 'shared',
    position: row.position as number,
    sequence: row.sequence as number,
    catchUp: row.catch_up === null ? null : JSON.parse(row.catch_up as string),
    skipped: JSON.parse(row.skipped as string),
  }
}

/** The last attempts in a settlement of those deliveries that stay outstanding. */
function lastAttemptTimes(settlement: Settlement): ReadonlyMap<string, number> {
  const wanted = new Set([...settlement.waiting, ...settlement.ended].map(nameOf))
  const times = new Map<string, number>()
  if (wanted.size === 0) return times
  for (const attempt of settlement.attempts) {
    const name = nameOf(attempt)
    if (wanted.has(name)) times.set(name, Math.max(times.get(name) ?? 0, Math.trunc(attempt.atMs)))
  }
  return times
}

function nameOf({ subscription, partition, position }: DeliveryKey): string {
  return `${subscription}/${partition}/${position}`
}
