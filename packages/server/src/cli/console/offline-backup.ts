import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../core/errors.ts'
import { UsageError } from './usage-error.ts'

/**
 * Copies the store of a server that does not run.
 * @param copy copies one database, whole or not at all.
 * @param finishLog makes the copied log one that may be put in the other's place.
 * @throws AppError `unsafe_store` when one does run on it; UsageError when there is no store.
 */
export async function backUpOffline(
  data: string,
  target: string,
  copy: (database: DatabaseSync, target: string) => Promise<void>,
  finishLog: (directory: string) => void,
): Promise<readonly string[]> {
  const names = existsSync(data) ? (await readdir(data)).filter((name) => name.endsWith('.db')) : []
  if (names.length === 0) throw new UsageError(`there is no store in ${data}`)
  for (const name of names) {
    const database = openIdle(join(data, name))
    try {
      await copy(database, join(target, name))
    } finally {
      database.close()
    }
  }
  if (names.includes('log.db')) finishLog(target)
  return names
}

function openIdle(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 200 })
  try {
    database.exec('BEGIN IMMEDIATE; COMMIT')
    return database
  } catch (error) {
    database.close()
    throw new AppError('unsafe_store', `${file} is in use by a running server: back it up without --data.`, {
      cause: error,
    })
  }
}
