import type { DatabaseSync } from 'node:sqlite'
import { addCounts, type SeriesCounts } from '../../../core/series/counts.ts'
import { minuteMs, minutesKept, type SeriesTally } from '../../../core/series/tally.ts'
import type { SeriesRequest } from '../../../deliver/history/series-store.ts'
import { damaged } from '../file/damage.ts'
import { rowChecksum } from '../file/row-checksum.ts'
import { Statements } from '../file/statements.ts'

const minutesPerHour = 60
/** Rows that one settlement moves from minutes to hours: more than it adds, and a millisecond. */
const movedAtOnce = 256

type SeriesTableName = 'series_minutes' | 'series_hours'

/**
 * SeriesCounts by minute, and by hour once they are old, a row for each scope in which something happened. `at`: minutes, or
 * hours, since the epoch. A row that is not as it was written is refused to whoever reads it; whoever counts begins it
 * anew, because a settlement must not fail for it.
 */
export class SeriesTable {
  readonly #statements: Statements

  constructor(database: DatabaseSync) {
    this.#statements = new Statements(database)
  }

  /** In the transaction of the caller. */
  add(tallies: readonly SeriesTally[]): void {
    if (tallies.length === 0) return
    for (const { scope, minute, counts } of tallies) this.#addTo('series_minutes', minute, scope, counts)
    this.#moveOld(Math.max(...tallies.map(({ minute }) => minute)) - minutesKept)
  }

  read({ scopes, fromMs, steps, stepMs }: SeriesRequest): SeriesCounts[] {
    const minutesPerStep = stepMs / minuteMs
    const fromMinute = fromMs / minuteMs
    const toMinute = fromMinute + steps * minutesPerStep
    const points: SeriesCounts[] = Array.from({ length: steps }, () => ({}))
    const put = (minute: number, counts: SeriesCounts) =>
      addCounts(points[Math.floor((minute - fromMinute) / minutesPerStep)]!, counts)
    for (const scope of scopes) {
      for (const { at, counts } of this.#between('series_minutes', scope, fromMinute, toMinute)) put(at, counts)
      const [fromHour, toHour] = [fromMinute, toMinute].map((minute) => Math.ceil(minute / minutesPerHour))
      for (const { at, counts } of this.#between('series_hours', scope, fromHour!, toHour!))
        put(at * minutesPerHour, counts)
    }
    return points
  }

  /** One slice of retention, whole hours, in the transaction of the caller. Returns whether there is more to do. */
  deleteSomeBefore(timeMs: number, limit: number): boolean {
    const hour = Math.floor(timeMs / minuteMs / minutesPerHour)
    return (
      this.#deleteSome('series_minutes', hour * minutesPerHour, limit) || this.#deleteSome('series_hours', hour, limit)
    )
  }

  #deleteSome(table: SeriesTableName, before: number, limit: number): boolean {
    const oldest = `SELECT at, scope FROM ${table} WHERE at < ? ORDER BY at, scope LIMIT ?`
    const { changes } = this.#statements.get(`DELETE FROM ${table} WHERE (at, scope) IN (${oldest})`).run(before, limit)
    return Number(changes) >= limit
  }

  /** The oldest minutes become part of their hours. */
  #moveOld(before: number): void {
    const rows = this.#statements
      .get('SELECT * FROM series_minutes WHERE at < ? ORDER BY at, scope LIMIT ?')
      .all(before, movedAtOnce)
    for (const row of rows) {
      const { at, scope } = row as { at: number; scope: string }
      this.#statements.get('DELETE FROM series_minutes WHERE at = ? AND scope = ?').run(at, scope)
      const counts = countsOf(row)
      if (counts) this.#addTo('series_hours', Math.floor(at / minutesPerHour), scope, counts)
    }
  }

  #addTo(table: SeriesTableName, at: number, scope: string, counts: SeriesCounts): void {
    const row = this.#statements.get(`SELECT * FROM ${table} WHERE at = ? AND scope = ?`).get(at, scope)
    const sum: SeriesCounts = { ...(row && countsOf(row)) }
    addCounts(sum, counts)
    const text = JSON.stringify(sum)
    this.#statements
      .get(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?)`)
      .run(at, scope, text, rowChecksum([at, scope, text]))
  }

  *#between(
    table: SeriesTableName,
    scope: string,
    from: number,
    to: number,
  ): Iterable<{ at: number; counts: SeriesCounts }> {
    // By time first, which retention goes by: one look for each minute or hour.
    const one = this.#statements.get(`SELECT * FROM ${table} WHERE at = ? AND scope = ?`)
    for (let at = from; at < to; at++) {
      const row = one.get(at, scope)
      if (!row) continue
      const counts = countsOf(row)
      if (!counts) throw damaged(`the counts of ${scope}`)
      yield { at, counts }
    }
  }
}

/** Undefined: the row is not as it was written. */
function countsOf({ at, scope, counts, checksum }: Readonly<Record<string, unknown>>): SeriesCounts | undefined {
  return rowChecksum([at, scope, counts]) === checksum ? (JSON.parse(counts as string) as SeriesCounts) : undefined
}
