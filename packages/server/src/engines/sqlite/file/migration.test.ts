import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applicationId, type Migration, migrate } from './migration.ts'

let database: DatabaseSync
beforeEach(() => {
  database = new DatabaseSync(':memory:')
})
afterEach(() => database.close())

const make: Migration = (db) => db.exec('CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1)')
const widen: Migration = (db) => db.exec('ALTER TABLE a ADD COLUMN m INTEGER; UPDATE a SET m = n + 1')
const fill: Migration = (db) => db.exec('INSERT INTO a VALUES (7, 8)')

const rows = () => database.prepare('SELECT * FROM a').all()
const format = () => Object.values(database.prepare('PRAGMA user_version').get()!)[0]
const bring = (...steps: Migration[]) => migrate(database, 'x.db', steps)
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'unsafe_store', message: expect.stringMatching(message) })

test('a new file takes every step, and says whose it is', () => {
  bring(make, widen)
  expect(rows()).toEqual([{ n: 1, m: 2 }])
  expect(format()).toBe(2)
  expect(database.prepare('PRAGMA application_id').get()).toEqual({ application_id: applicationId })
})

test('an older file takes the steps that it lacks, and those alone', () => {
  bring(make)
  bring(make, widen, fill)
  bring(make, widen, fill)
  expect(rows()).toEqual([
    { n: 1, m: 2 },
    { n: 7, m: 8 },
  ])
})

test('a step that fails leaves the file as the step before made it', () => {
  const failing: Migration = (db) => {
    widen(db)
    db.exec('INSERT INTO nowhere VALUES (1)')
  }
  expect(() => bring(make, failing, fill)).toThrow(/nowhere/)
  expect(format()).toBe(1)
  expect(rows()).toEqual([{ n: 1 }])
  bring(make, widen)
  expect(rows()).toEqual([{ n: 1, m: 2 }])
})

test('a file whose making failed is new again', () => {
  expect(() =>
    bring((db) => {
      make(db)
      db.exec('INSERT INTO nowhere VALUES (1)')
    }),
  ).toThrow(/nowhere/)
  bring(make)
  expect(rows()).toEqual([{ n: 1 }])
})

test('a newer format is refused, and left alone', () => {
  bring(make, widen)
  expect(() => bring(make)).toThrow(refused(/x\.db was written by a newer Tidings: it has format 2.* up to 1\./))
  expect(rows()).toEqual([{ n: 1, m: 2 }])
})

test.each([1, 0])('a file of format %i that is not marked as ours is refused, and left alone', (version) => {
  database.exec(`CREATE TABLE b (n INTEGER); PRAGMA user_version = ${version}`)
  expect(() => bring(make)).toThrow(refused(/x\.db has a format that this Tidings does not know/))
  expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'b' }])
  expect(format()).toBe(version)
})
