import type { DatabaseSync } from 'node:sqlite'
import { type AuditEntry, auditBounds, type NumberedAuditEntry } from '../../../registry/audit-log.ts'
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
      const insert = this.#db.prepare('INSERT INTO audit (at_ms, entry) VALUES (?, ?)')
      for (const entry of entries) insert.run(nowMs, JSON.stringify(entry))
      this.#db
        .prepare(
          `DELETE FROM audit WHERE number IN (SELECT number FROM audit ORDER BY number LIMIT ${mostDropped + entries.length})
           AND (at_ms < ? OR number <= (SELECT max(number) FROM audit) - ?)`,
        )
        .run(nowMs - auditBounds.days * 86_400_000, auditBounds.entries)
    })
  }

  page(before: number, limit: number): NumberedAuditEntry[] {
    return this.#db
      .prepare('SELECT number, entry FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?')
      .all(before, limit)
      .map(({ number, entry }) => ({ ...(JSON.parse(entry as string) as AuditEntry), number: number as number }))
  }
}
