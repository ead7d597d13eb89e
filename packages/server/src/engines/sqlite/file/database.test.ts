import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkSqlite, openDatabase } from './database.ts'
import { storageError } from './storage-error.ts'
import { inTransaction } from './transaction.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidings-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const migrations = [(database: DatabaseSync) => database.exec('CREATE TABLE a (n INTEGER) STRICT')]
const open = (name = 'x.db') => openDatabase({ file: join(directory, name), migrations, lockTimeoutMs: 0 })

describe('opening a database', () => {
  it('syncs every commit to a write-ahead log', () => {
    const database = open()
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    database.close()
  })

  it('refuses a file that somebody else has open, and takes it once it is free', () => {
    const first = open()
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'unsafe_store', message: expect.stringMatching(/in use/) }),
    )
    first.close()
    open().close()
  })

  it('refuses what is no database', () => {
    writeFileSync(join(directory, 'y.db'), 'no database at all, though long enough to be looked at'.repeat(20))
    expect(() => open('y.db')).toThrow(expect.objectContaining({ code: 'unsafe_store' }))
  })

  it('refuses an SQLite that can lose commits', () => {
    for (const version of ['3.51.2', '3.50.9', '2.99.0']) expect(() => checkSqlite(version)).toThrow(/3\.51\.3/)
    for (const version of ['3.51.3', '3.52.0', '4.0.0', '3.51.10']) expect(() => checkSqlite(version)).not.toThrow()
  })

  it('says that the disk is full, and goes on when it is not', () => {
    const database = open()
    const fill = () =>
      inTransaction(database, () => {
        for (let n = 0; n < 2_000; n++) database.prepare('INSERT INTO a VALUES (?)').run(n)
      })
    database.exec('PRAGMA max_page_count = 3')
    const failure = () => {
      try {
        fill()
        return undefined
      } catch (error) {
        return storageError(error)
      }
    }
    expect(failure()).toMatchObject({ code: 'storage_unavailable', message: expect.stringMatching(/full/) })
    database.exec('PRAGMA max_page_count = 1000')
    expect(failure()).toBeUndefined()
    expect(database.prepare('SELECT count(*) AS count FROM a').get()).toEqual({ count: 2_000 })
    database.close()
  })
})
