import type { DatabaseSync } from 'node:sqlite'
import { jsonText, jsonValue } from '../../../core/json/json-text.ts'
import {
  type AuditEntry,
  type AuditPage,
  type AuditRequest,
  auditBounds,
  isMeant,
  type NumberedAuditEntry,
} from '../../../registry/audit-log.ts'
import { damaged } from '../file/damage.ts'
import { inTransaction } from '../file/transaction.ts'

/** Old entries go a few with each new one, so that none has to wait for a large sweep. */
const mostDropped = 100
/** Entries that one call looks through: a filter that nothing fits must not hold the thread for all of them. */
const mostLooked = 5_000

/** The audit log, in the registry's database. Synchronous. */
export class AuditTable {
  readonly #db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  append(entries: readonly AuditEntry[], nowMs: number): void {
    inTransaction(this.#db, () => {
      const insert = this.#db.prepare('INSERT INTO audit VALUES (?1, ?2, ?3, checksum(?1, ?2, ?3))')
      let number = this.#last()
      for (const entry of entries) insert.run(++number, nowMs, jsonText(entry))
      this.#db
        .prepare(
          `DELETE FROM audit WHERE number IN (SELECT number FROM audit ORDER BY number LIMIT ${mostDropped + entries.length})
           AND (at_ms < ? OR number <= (SELECT max(number) FROM audit) - ?)`,
        )
        .run(nowMs - auditBounds.days * 86_400_000, auditBounds.entries)
    })
  }

  /** @throws AppError `storage_unavailable` when an entry is missing, or was changed on disk */
  page({ before, limit, filter }: AuditRequest): AuditPage {
    const rows = this.#db
      .prepare(
        `SELECT number, at_ms, entry, checksum IS checksum(number, at_ms, entry) AS is_intact
         FROM audit WHERE number < ? ORDER BY number DESC LIMIT ${mostLooked}`,
      )
      .iterate(before)
    const entries: NumberedAuditEntry[] = []
    // Numbers have no gaps: old entries go from the lowest up.
    let expected = Math.min(before - 1, this.#last())
    let looked = 0
    for (const { number, at_ms, entry, is_intact } of rows) {
      if (number !== expected || is_intact !== 1) throw damaged('the audit log')
      // One more than the page holds: there is a next one.
      if (entries.length === limit) return { entries, next: expected + 1 }
      const known = jsonValue(entry as string) as AuditEntry
      if (isMeant(known, Number(at_ms), filter)) entries.push({ ...known, number: expected })
      expected -= 1
      looked += 1
    }
    return { entries, next: looked === mostLooked ? expected + 1 : null }
  }

  #last(): number {
    return Number(this.#db.prepare("SELECT value FROM numbers WHERE name = 'audit'").get()!.value)
  }
}
