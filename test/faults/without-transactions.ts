import { DatabaseSync } from 'node:sqlite'

/** Loaded into a server before its own code: its migrations are not of one piece any more. */
const exec = DatabaseSync.prototype.exec
DatabaseSync.prototype.exec = function execWithoutTransactions(this: DatabaseSync, sql: string): void {
  if (!/^\s*(BEGIN|COMMIT|ROLLBACK)\b/i.test(sql)) exec.call(this, sql)
}
