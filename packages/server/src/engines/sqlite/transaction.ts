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
