import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../core/errors.ts'
import { inTransaction } from './transaction.ts'

/**
 * Takes a file from one format to the next. A step is never changed once it was released, and touches nothing
 * that grows with the store.
 */
export type Migration = (database: DatabaseSync) => void

/** `application_id` of every file of a store, "Tidg" in ASCII: SQLite's own mark of whose a file is. */
export const applicationId = 0x54696467

/**
 * Brings a file to the newest format, each step whole or not at all. Step n (from 0) takes a file of
 * `user_version` n to n + 1; step 0 makes a new file.
 *
 * @throws AppError `unsafe_store` for a file that no released Tidings made, or only a newer one
 */
export function migrate(database: DatabaseSync, file: string, steps: readonly Migration[]): void {
  const found = numberOf(database, 'PRAGMA user_version')
  const isOurs = numberOf(database, 'PRAGMA application_id') === applicationId
  if (!isOurs && !isNew(database)) {
    throw new AppError(
      'unsafe_store',
      `${file} has a format that this Tidings does not know: an unreleased version wrote it, or another program. Give Tidings another data directory, or restore a backup.`,
    )
  }
  if (found > steps.length) {
    throw new AppError(
      'unsafe_store',
      `${file} was written by a newer Tidings: it has format ${found}, and this one knows formats up to ${steps.length}. Install the newer version, or restore a backup.`,
    )
  }
  for (let format = found; format < steps.length; format++) {
    inTransaction(database, () => {
      steps[format]!(database)
      database.exec(`PRAGMA user_version = ${format + 1}; PRAGMA application_id = ${applicationId}`)
    })
  }
}

function isNew(database: DatabaseSync): boolean {
  return (
    numberOf(database, 'PRAGMA user_version') === 0 && numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0
  )
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get()!)[0])
}
