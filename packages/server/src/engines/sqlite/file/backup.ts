import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, type DatabaseSync } from 'node:sqlite'
import { makeDirectory } from '../../../process/directory-making.ts'
import { storageError } from './storage-error.ts'

/** Each meets a write with a chance of some per cent at most. */
const mostTries = 100

/**
 * Copies a database while it is in use: the copy is its state at one moment, and whole or absent.
 *
 * @throws AppError `storage_unavailable` when the target cannot be written.
 */
export async function backUpDatabase(database: DatabaseSync, target: string): Promise<void> {
  const aside = `${target}.part`
  try {
    makeDirectory(dirname(target))
    await copy(database, aside)
    sync(aside)
    renameSync(aside, target)
    sync(dirname(target))
  } catch (error) {
    rmSync(aside, { force: true })
    throw storageError(error)
  }
}

/** Through the writer's own connection, so that commits meanwhile join the copy and do not start it again. */
async function copy(database: DatabaseSync, target: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    rmSync(target, { force: true })
    try {
      await backup(database, target, { rate: 2_000 })
      return
    } catch (error) {
      // A first step that meets a write of this connection is to be tried again (SQLITE_LOCKED of
      // sqlite3_backup_step); Node does so for later steps, and gives up on the first with error 0.
      if ((error as { errcode?: number }).errcode !== 0 || tries >= mostTries) throw error
    }
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
