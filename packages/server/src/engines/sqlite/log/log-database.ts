import { randomInt } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../core/errors.ts'
import { makeDirectory } from '../../../process/directory-making.ts'
import { checkSqlite } from '../file/database.ts'
import { type Migration, migrate } from '../file/migration.ts'
import { LogFacts } from './log-facts.ts'

export type Synchronous = 'FULL' | 'NORMAL'

/**
 * `batches`: the events, a row per topic and segment. A segment is a stretch of at most about 256 KiB
 * of one commit; its rows interleave by position, rows of different segments never do. The body
 * comes last in the row, so that reading the other columns does not walk through it.
 *
 * `pending_ids`, `id_runs`, `id_buckets`: the publishers' ids, see `published-ids.ts`.
 *
 * Links and checksums show that something is missing, see `stored-batch.ts` and `facts.ts`.
 */
const tables = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE topics (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, checksum INTEGER NOT NULL) STRICT;
  CREATE TABLE batches (
    base INTEGER PRIMARY KEY,
    topic INTEGER NOT NULL,
    last INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    count INTEGER NOT NULL,
    appended_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    topic_before INTEGER NOT NULL,
    log_before INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX batches_by_topic ON batches (topic, last);
  CREATE TABLE pending_ids (base INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;
  CREATE TABLE id_runs (
    run INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    bloom BLOB NOT NULL
  ) STRICT;
  CREATE TABLE id_buckets (place INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;
`

export const logMigrations: readonly Migration[] = [makeLog]

function makeLog(db: DatabaseSync): void {
  db.exec(tables)
  const facts = new LogFacts(db)
  facts.set('epoch', randomInt(0x1_0000))
  for (const fact of ['earliest', 'floor', 'appended_at', 'pending', 'runs', 'topics'] as const) facts.set(fact, 0)
}

const fileName = 'log.db'

/** Makes the directory if need be, and sees to it that a power cut does not take its name. */
export function prepareDirectory(directory: string): void {
  const path = resolve(directory)
  const made = makeDirectory(path)
  // Made here or just now by the caller: at least its own name is synced.
  const last = dirname(made ?? path)
  for (let current = path; current !== last; current = dirname(current)) syncDirectory(current)
  syncDirectory(last)
}

/**
 * Keeps other processes away from the directory for as long as the returned handle is open, also
 * after a crash of this one: the lock is the operating system's, not a file that stays behind.
 * @throws AppError `unsafe_store` when another process, or another log of this one, has it.
 */
export function lockDirectory(directory: string): DatabaseSync {
  const lock = new DatabaseSync(join(directory, 'log.lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock.close()
    throw new AppError(
      'unsafe_store',
      `The data directory ${directory} is in use by another Tidings. Stop that one, or start this one with another --data directory.`,
      { cause },
    )
  }
}

/** Opens the log for its one writer, making or migrating it. */
export function openForWriting(directory: string, synchronous: Synchronous): DatabaseSync {
  const file = join(directory, fileName)
  const db = new DatabaseSync(file, { timeout: 5_000 })
  try {
    checkSqlite(String(db.prepare('SELECT sqlite_version() AS version').get()!.version))
    db.exec('PRAGMA page_size = 8192')
    db.exec('PRAGMA journal_mode = WAL')
    // FULL syncs the write-ahead log with every commit: an acknowledged event survives a power cut.
    db.exec(`PRAGMA synchronous = ${synchronous}`)
    db.exec('PRAGMA wal_autocheckpoint = 2048')
    db.exec('PRAGMA journal_size_limit = 67108864')
    db.exec('PRAGMA cache_size = -16384')
    // Memory-mapped reads turn a disk error into a signal that ends the process, so there are none.
    db.exec('PRAGMA mmap_size = 0')
    migrate(db, file, logMigrations)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens an existing log for reading beside its writer. */
export function openForReading(directory: string): DatabaseSync {
  const db = new DatabaseSync(join(directory, fileName), { timeout: 5_000 })
  db.exec('PRAGMA query_only = ON')
  db.exec('PRAGMA cache_size = -16384')
  db.exec('PRAGMA mmap_size = 0')
  return db
}

function syncDirectory(path: string): void {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    // A parent that may not be read was not made by this server either.
    return
  }
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
