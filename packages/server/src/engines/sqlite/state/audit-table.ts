import type { DatabaseSync } from 'node:sqlite'
import { type AuditEntry, auditBounds, type NumberedAuditEntry } from '../../../registry/audit-log.ts'
import { damaged } from '../damage.ts'
import { inTransaction } from '../transaction.ts'

/** Old entries go a few with each new one, so that none has to wait for a large sweep. */
const mostDropped = 100

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
      for (const entry of entries) insert.run(++number, nowMs, JSON.stringify(entry))
      this.#db
        .prepare(
          `DELETE FROM audit WHERE number IN (SELECT number FROM audit ORDER BY number LIMIT ${mostDropped + entries.length})
           AND (at_ms < ? OR number <= (SELECT max(number) FROM audit) - ?)`,
        )
        .run(nowMs - auditBounds.days * 86_400_000, auditBounds.entries)
    })
  }

  /** @throws AppError `storage_unavailable` when an entry is missing, or was changed on disk */
  page(before: number, limit: number): NumberedAuditEntry[] {
    const rows = this.#db
      .prepare(
        `SELECT number, entry, checksum IS checksum(number, at_ms, entry) AS is_intact
         FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?`,
      )
      .all(before, limit)
    // Numbers have no gaps: old entries go from the lowest up.
    const first = Math.min(before - 1, this.#last())
    if (rows.some(({ number, is_intact }, index) => number !== first - index || is_intact !== 1)) {
      throw damaged('the audit log')
    }
    return rows.map(({ number, entry }) => ({
      ...(JSON.parse(entry as string) as AuditEntry),
      number: number as number,
    }))
  }

  #last(): number {
    return Number(this.#db.prepare("SELECT value FROM numbers WHERE name = 'audit'").get()!.value)
  }
}
