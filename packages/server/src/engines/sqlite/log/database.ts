import { randomInt } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../../core/errors.ts'
import { makeDirectory } from '../../../process/directory-making.ts'
import { checkSqlite } from '../file/database.ts'
import { inTransaction } from '../file/transaction.ts'
import { Facts } from './facts.ts'
import { entryWords, packEntries, unpackEntries } from './id-entries.ts'
import { topicChecksum } from './topic-names.ts'

export type Synchronous = 'FULL' | 'NORMAL'

/**
 * Each step takes the file from the version before to the next, in one transaction. Steps are only
 * ever added, and none touches what grows with the log.
 *
 * 1. `batches`: the events, a row per topic and segment. A segment is a stretch of at most about 256 KiB
 * of one commit; its rows interleave by position, rows of different segments never do. The body
 * comes last in the row, so that reading the other columns does not walk through it.
 * `pending_ids`, `id_runs`, `id_buckets`: the publishers' ids, see `published-ids.ts`.
 * 2. What shows that something is missing, see `stored-batch.ts` and `facts.ts`. Batches and runs that
 * are there already stay as they are, until retention drops them.
 */
const migrations: readonly ((db: DatabaseSync) => void)[] = [makeTables, linkRows]

const tables = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE topics (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE batches (
    base INTEGER PRIMARY KEY,
    topic INTEGER NOT NULL,
    last INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    count INTEGER NOT NULL,
    appended_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX batches_by_topic ON batches (topic, last);
  CREATE TABLE pending_ids (base INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;
  CREATE TABLE id_runs (
    run INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    bloom BLOB NOT NULL
  ) STRICT;
  CREATE TABLE id_buckets (place INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;
`

function makeTables(db: DatabaseSync): void {
  db.exec(tables)
  db.prepare("INSERT INTO meta VALUES ('epoch', ?)").run(randomInt(0x1_0000))
}

const links = `
  ALTER TABLE batches ADD COLUMN topic_before INTEGER;
  ALTER TABLE batches ADD COLUMN log_before INTEGER;
  ALTER TABLE topics ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE id_runs ADD COLUMN checksum INTEGER;
  ALTER TABLE meta ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
`

function linkRows(db: DatabaseSync): void {
  db.exec(links)
  const numberOf = (sql: string, ...given: string[]) =>
    (db.prepare(`SELECT (${sql}) AS value`).get(...given) as { value: number | null }).value ?? 0
  const facts = new Facts(db)
  const metaOf = (key: string) => numberOf('SELECT value FROM meta WHERE key = ?', key)
  for (const key of ['epoch', 'earliest', 'floor'] as const) facts.set(key, metaOf(key))
  const newest = 'SELECT appended_at FROM batches ORDER BY base DESC LIMIT 1'
  facts.set('appended_at', Math.max(metaOf('appended_at'), numberOf(newest)))
  facts.set('pending', placePendingIds(db))
  facts.set('runs', numberOf('SELECT count(*) FROM id_runs'))
  const topics = db.prepare('SELECT number, name FROM topics').all() as { number: number; name: string }[]
  facts.set('topics', topics.length)
  const mark = db.prepare('UPDATE topics SET checksum = ? WHERE number = ?')
  for (const { number, name } of topics) {
    mark.run(topicChecksum(number, name), number)
    facts.set(`last:${number}`, numberOf(`SELECT max(last) FROM batches WHERE topic = ${number}`))
  }
}

/** Gives the ids that are not in a run yet the checksum that they have now. Returns how many they are. */
function placePendingIds(db: DatabaseSync): number {
  const rows = db.prepare('SELECT base, entries FROM pending_ids').all() as { base: number; entries: Uint8Array }[]
  const put = db.prepare('UPDATE pending_ids SET entries = ? WHERE base = ?')
  let ids = 0
  for (const { base, entries: blob } of rows) {
    const entries = unpackEntries(blob, undefined)
    put.run(packEntries(entries, base), base)
    ids += entries.length / entryWords
  }
  return ids
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
  const db = new DatabaseSync(join(directory, fileName), { timeout: 5_000 })
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
    migrate(db)
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

function migrate(db: DatabaseSync): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length) {
    throw new AppError(
      'unsafe_store',
      `The log has format ${version}, and this version of Tidings knows formats up to ${migrations.length}. Install the newer Tidings that wrote the log.`,
    )
  }
  for (let next = version; next < migrations.length; next++) {
    inTransaction(db, () => {
      migrations[next]!(db)
      db.exec(`PRAGMA user_version = ${next + 1}`)
    })
  }
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
