import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../core/errors.ts'
import { makeDirectory } from '../../../process/directory-making.ts'
import { type Migration, migrate } from './migration.ts'
import { rowChecksum } from './row-checksum.ts'
import { openingError } from './storage-error.ts'

export interface DatabaseOptions {
  readonly file: string
  /** See `migrate`. */
  readonly migrations: readonly Migration[]
  /** How long to wait for another process that is about to let go of the file. */
  readonly lockTimeoutMs?: number
  readonly cacheMiB?: number
  /** Tables that are gone through, with their indexes, before anything is believed that they say. */
  readonly verified?: readonly string[]
}

/** From here on a WAL reset cannot lose a commit (the race that 3.51.3 fixed). */
const oldestSafeSqlite = [3, 51, 3] as const

/**
 * Opens or makes a database for one writer: WAL, every commit synced, locked against every other process.
 *
 * @throws AppError `unsafe_store` for an old SQLite library, a file in use, a newer schema, or damage;
 * `storage_unavailable` when the disk refuses.
 */
export function openDatabase(options: DatabaseOptions): DatabaseSync {
  checkSqlite(process.versions.sqlite ?? '0')
  try {
    makeDirectory(dirname(options.file))
    const database = new DatabaseSync(options.file, { timeout: options.lockTimeoutMs ?? 2_000 })
    try {
      lock(database, options.file)
      // What rows are checked by, also in triggers and migrations: a CRC-32 over the values given.
      database.function('checksum', { deterministic: true, varargs: true }, (...values) => rowChecksum(values))
      database.exec(`
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -${(options.cacheMiB ?? 32) * 1024};
        PRAGMA temp_store = MEMORY;
      `)
      migrate(database, options.file, options.migrations)
      for (const table of options.verified ?? []) verify(database, table, options.file)
    } catch (error) {
      database.close()
      throw error
    }
    // The files' names, and a new folder's own, have to survive a power cut too.
    syncDirectory(dirname(options.file))
    syncDirectory(dirname(dirname(resolve(options.file))))
    return database
  } catch (error) {
    throw openingError(error)
  }
}

/** @throws AppError `unsafe_store` */
export function checkSqlite(version: string): void {
  const parts = version.split('.').map(Number)
  const differing = oldestSafeSqlite.findIndex((part, index) => part !== (parts[index] ?? 0))
  if (differing === -1 || (parts[differing] ?? 0) > oldestSafeSqlite[differing]!) return
  throw new AppError(
    'unsafe_store',
    `this Node carries SQLite ${version}, which can lose commits. Install the newest Node 24 (it carries SQLite ${oldestSafeSqlite.join('.')} or newer), then start Tidings with it.`,
  )
}

function lock(database: DatabaseSync, file: string): void {
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()!.journal_mode
    if (mode !== 'wal') {
      throw new AppError(
        'unsafe_store',
        `${file} cannot use a write-ahead log here (it stays "${mode}"); use a local disk`,
      )
    }
    // The exclusive lock is taken with the first access, and kept until the database is closed.
    database.exec('BEGIN IMMEDIATE; COMMIT')
  } catch (error) {
    // 5: SQLITE_BUSY.
    if ((((error as { errcode?: number }).errcode ?? 0) & 0xff) !== 5) throw error
    throw new AppError(
      'unsafe_store',
      `${file} is in use by another process; stop the other Tidings server, or give this one a data directory of its own`,
      { cause: error },
    )
  }
}

function verify(database: DatabaseSync, table: string, file: string): void {
  const found = Object.values(database.prepare(`PRAGMA integrity_check(${table})`).get() ?? {})[0]
  if (found === 'ok') return
  throw new AppError('unsafe_store', `${file} is damaged on disk; restore a backup (${found})`)
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
