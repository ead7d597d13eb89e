import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, type DatabaseSync } from 'node:sqlite'
import { storageError } from './storage-error.ts'

/**
 * Copies a database while it is in use: the copy is its state at one moment, and whole or absent.
 *
 * @throws AppError `storage_unavailable` when the target cannot be written.
 */
export async function backUpDatabase(database: DatabaseSync, target: string): Promise<void> {
  const aside = `${target}.part`
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    rmSync(aside, { force: true })
    // Through the writer's own connection, so that commits meanwhile join the copy and do not start it again.
    await backup(database, aside, { rate: 2_000 })
    sync(aside)
    renameSync(aside, target)
    sync(dirname(target))
  } catch (error) {
    rmSync(aside, { force: true })
    throw storageError(error)
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
