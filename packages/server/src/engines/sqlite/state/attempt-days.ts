import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AttemptRecord } from '../../../core/delivery/attempt-record.ts'
import { type AttemptError, type DeliveryKey, deliveryStatuses } from '../../../core/delivery/delivery.ts'
import type { DeliveryPlace } from '../../../core/delivery/delivery-order.ts'
import type { DeliveredRequest } from '../../../deliver/due-store.ts'
import { damaged } from '../file/damage.ts'
import { rowChecksum } from '../file/row-checksum.ts'
import { Statements } from '../file/statements.ts'
import { deliveryOfColumns } from './delivery-columns.ts'
import { attemptDaySchema } from './delivery-schema.ts'
import { tenantColumn } from './tenant-column.ts'

const dayMs = 24 * 3_600_000
const lastDay = Math.floor(Date.UTC(9999, 11, 31) / dayMs)
const wholeRow = `SELECT subscription, partition, position, at_ms, attempt, outcome, duration_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, status, error, body, answer_headers,
  sequence, topic, type, ${tenantColumn}, entity_key, checksum`
const sameKey = 'subscription = ? AND partition = ? AND position = ?'

/** Where a list goes on: below this time, and at it below this place. */
export interface ListBound {
  readonly timeMs: number
  readonly partition: number
  readonly position: number
}

/** The newest of all subscriptions, below this place and not before a time. */
export interface NewestBelow {
  readonly below: DeliveryPlace
  readonly fromMs: number
  readonly limit: number
}

/** The attempts of each UTC day, in a table of their own. */
export class AttemptDays {
  readonly #database: DatabaseSync
  #known: Map<number, string> | undefined
  readonly #statements: Statements

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = new Statements(database)
  }

  /** To call when a transaction was undone: tables made in it are gone. They are looked for when they are needed. */
  forgetTables(): void {
    this.#known = undefined
    this.#statements.clear()
  }

  /** Day number to table name, ascending by day. */
  get #tables(): Map<number, string> {
    if (this.#known) return this.#known
    const names = this.#database
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'attempts_[0-9]*' ORDER BY name`)
      .all()
      .map((row) => String(row.name))
    this.#known = new Map(names.map((name) => [dayOfTable(name), name]))
    return this.#known
  }

  insert(records: readonly AttemptRecord[]): void {
    // In key order: neighbours land on the same pages, which is a fifth faster.
    const sorted = [...records].sort((a, b) => a.subscription - b.subscription || a.position - b.position)
    let day = Number.NaN
    let statement: StatementSync | undefined
    const sums = new Map<number, number>()
    for (const record of sorted) {
      if (dayOf(record.atMs) !== day || !statement) {
        day = dayOf(record.atMs)
        statement = this.#insertInto(day)
      }
      const values = [
        record.subscription,
        record.partition,
        record.position,
        Math.trunc(record.atMs),
        record.attempt,
        deliveryStatuses.indexOf(record.outcome),
        Math.round(record.durationMs),
        record.timing.dnsMs,
        record.timing.connectMs,
        record.timing.tlsMs,
        record.timing.firstByteMs,
        record.status,
        record.error,
        record.body,
        record.answerHeaders,
        record.sequence,
        record.topic,
        record.type,
        record.tenantId,
        record.entityKey,
      ]
      const checksum = rowChecksum(values)
      // Written again after an error that came too late, it is there already.
      if (statement.run(...values, checksum).changes === 1) sums.set(day, (sums.get(day) ?? 0) + checksum)
    }
    for (const [each, sum] of sums) this.#addToSum(this.#tables.get(each)!, sum)
  }

  /** The sum of the checksums of a day's attempts: what is missing is found by it when all are gone through. */
  #addToSum(table: string, change: number): void {
    this.#statements
      .get('INSERT INTO sums VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value')
      .run(table, change)
  }

  /** Goes through all attempts, and the index that lists go by. Returns the tables that are not as they were written. */
  damagedTables(): string[] {
    return [...this.#tables.values()].filter((table) => {
      try {
        return this.#sumOf(table) !== this.#expectedSumOf(table) || !this.#isIndexed(table)
      } catch {
        return true
      }
    })
  }

  #sumOf(table: string): number {
    let sum = 0
    for (const row of this.#statements.get(`${wholeRow} FROM ${table}`).iterate()) {
      attemptOf(row)
      sum += row.checksum as number
    }
    return sum
  }

  #expectedSumOf(table: string): number {
    return Number(this.#statements.get('SELECT value FROM sums WHERE name = ?').get(table)?.value ?? 0)
  }

  /** An entry of the index that was changed leads nowhere, and its attempt would be left out of lists in silence. */
  #isIndexed(table: string): boolean {
    return Object.values(this.#database.prepare(`PRAGMA integrity_check(${table})`).get()!)[0] === 'ok'
  }

  #insertInto(day: number): StatementSync {
    let table = this.#tables.get(day)
    if (!table) {
      table = tableOfDay(day)
      this.#database.exec(attemptDaySchema(table))
      this.#known = new Map([...this.#tables, [day, table] as const].sort(([a], [b]) => a - b))
      this.#statements.clear()
    }
    return this.#statements.get(
      `INSERT OR IGNORE INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  /** All attempts of a delivery, oldest first. */
  of(key: DeliveryKey): AttemptRecord[] {
    return [...this.#tables.values()].flatMap((table) =>
      this.#statements
        .get(`${wholeRow} FROM ${table} WHERE ${sameKey} ORDER BY at_ms, attempt`)
        .all(key.subscription, key.partition, key.position)
        .map(attemptOf),
    )
  }

  latestOf(key: DeliveryKey): AttemptRecord | null {
    for (const table of [...this.#tables.values()].reverse()) {
      const row = this.#statements
        .get(`${wholeRow} FROM ${table} WHERE ${sameKey} ORDER BY at_ms DESC, attempt DESC LIMIT 1`)
        .get(key.subscription, key.partition, key.position)
      if (row) return attemptOf(row)
    }
    return null
  }

  /** The days that there are up to the one of this time, newest first. */
  daysUntil(timeMs: number): number[] {
    return [...this.#tables.keys()].filter((day) => day <= dayOf(timeMs)).reverse()
  }

  /**
   * The last attempts of one day of a subscription's deliveries that are delivered and nothing else
   * since, newest first.
   */
  delivered(
    day: number,
    request: { subscription: number; below: ListBound; fromMs: number; limit: number },
  ): AttemptRecord[] {
    const { subscription, below, fromMs, limit } = request
    return (
      this.#lastDelivered(
        day,
        'delivered',
        `subscription = ? AND outcome = 1 AND (at_ms, partition, position) < (?, ?, ?) AND at_ms >= ?`,
        'at_ms DESC, partition DESC, position DESC',
      )
        ?.all(subscription, below.timeMs, below.partition, below.position, fromMs, limit)
        .map(attemptOf) ?? []
    )
  }

  /** The same of all subscriptions. */
  newest(day: number, { below, fromMs, limit }: NewestBelow): AttemptRecord[] {
    return (
      this.#lastDelivered(
        day,
        'newest',
        `outcome = 1 AND (at_ms, subscription, partition, position) < (?, ?, ?, ?) AND at_ms >= ?`,
        'at_ms DESC, subscription DESC, partition DESC, position DESC',
      )
        ?.all(below.timeMs, below.subscription, below.partition, below.position, fromMs, limit)
        .map(attemptOf) ?? []
    )
  }

  /** Attempts of a day after which their delivery was delivered and nothing else. Undefined: there are none of that day. */
  #lastDelivered(day: number, index: 'delivered' | 'newest', where: string, order: string): StatementSync | undefined {
    const table = this.#tables.get(day)
    if (!table) return undefined
    const same = 'b.subscription = a.subscription AND b.partition = a.partition AND b.position = a.position'
    const later = [...this.#tables].filter(([other]) => other > day).map(([, name]) => name)
    return this.#statements.get(`
      ${wholeRow} FROM ${table} AS a INDEXED BY ${table}_${index}
      WHERE ${where}
        AND NOT EXISTS (SELECT 1 FROM outstanding AS b WHERE ${same})
        AND NOT EXISTS (SELECT 1 FROM ${table} AS b WHERE ${same} AND (b.at_ms, b.attempt) > (a.at_ms, a.attempt))
        ${later.map((name) => `AND NOT EXISTS (SELECT 1 FROM ${name} AS b WHERE ${same})`).join('\n')}
      ORDER BY ${order} LIMIT ?`)
  }

  deliveredAfter({
    subscription,
    partition,
    after,
    sinceMs,
    to = Number.MAX_SAFE_INTEGER,
  }: DeliveredRequest): DeliveryKey[] {
    const days = [...this.#tables].filter(([day]) => day >= dayOf(sinceMs)).map(([, table]) => table)
    return days.flatMap((table) =>
      this.#statements
        .get(
          `${wholeRow} FROM ${table}
           WHERE subscription = ? AND partition = ? AND position > ? AND position <= ? AND outcome = 1 AND at_ms >= ?`,
        )
        .all(subscription, partition, after, to, sinceMs)
        .map((row) => ({ subscription, partition, position: attemptOf(row).position })),
    )
  }

  /** Drops the oldest day if all of it is before the time. Returns whether it did: one at a time, so that none waits long. */
  dropOldestBefore(timeMs: number): boolean {
    const [day, table] = this.#tables.entries().next().value ?? []
    if (day === undefined || dayEndMs(day) > timeMs) return false
    this.#statements.clear()
    this.#database.exec(`DROP TABLE ${table}; DELETE FROM sums WHERE name = '${table}'`)
    this.#tables.delete(day)
    return true
  }

  /** Deletes up to `limit` attempts of a subscription. Returns whether there may be more. */
  deleteSome(subscription: number, limit: number): boolean {
    for (const table of this.#tables.values()) {
      const key = '(subscription, partition, position, at_ms, attempt)'
      const deleted = this.#statements
        .get(
          `DELETE FROM ${table} WHERE ${key} IN
           (SELECT subscription, partition, position, at_ms, attempt FROM ${table} WHERE subscription = ? LIMIT ?)
           RETURNING checksum`,
        )
        .all(subscription, limit)
      if (deleted.length === 0) continue
      this.#addToSum(table, -deleted.reduce((sum, { checksum }) => sum + Number(checksum), 0))
      return true
    }
    return false
  }
}

/** The first moment after a day. */
export function dayEndMs(day: number): number {
  return (day + 1) * dayMs
}

function dayOf(timeMs: number): number {
  return Math.min(lastDay, Math.max(0, Math.floor(timeMs / dayMs)))
}

function tableOfDay(day: number): string {
  return `attempts_${new Date(day * dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`
}

function dayOfTable(name: string): number {
  const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / dayMs
}

/** @throws AppError `storage_unavailable` when it was changed on disk */
function attemptOf({ checksum, ...row }: Record<string, unknown>): AttemptRecord {
  if (checksum !== rowChecksum(Object.values(row))) throw damaged('the history of attempts')
  return {
    ...deliveryOfColumns(row),
    atMs: row.at_ms as number,
    attempt: row.attempt as number,
    outcome: deliveryStatuses[row.outcome as number]!,
    durationMs: row.duration_ms as number,
    timing: {
      dnsMs: row.dns_ms as number | null,
      connectMs: row.connect_ms as number | null,
      tlsMs: row.tls_ms as number | null,
      firstByteMs: row.first_byte_ms as number | null,
    },
    status: row.status as number | null,
    error: row.error as AttemptError | null,
    body: row.body as string | null,
    answerHeaders: row.answer_headers as string | null,
  }
}
