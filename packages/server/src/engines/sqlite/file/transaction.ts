import type { DatabaseSync } from 'node:sqlite'

/** Runs the work in one transaction: committed and synced when it returns, undone when it throws. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk or a failed sync has already rolled back by itself, and a second time would hide the reason.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/**
 * Lets go of every page that a connection has in memory, after something failed. A page that the disk once
 * gave wrongly would otherwise be believed for as long as the connection is open, which is the server's life.
 * The connection itself stays: another one would believe what the system's cache says was written, see
 * docs/decisions/0012-one-connection-for-life.md.
 */
export function forgetPages(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA shrink_memory')
  } catch {
    // The first error is reported. If the cause lasts, the next use fails by itself.
  }
}
