import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AttemptRecord, nothingSettled } from '../../deliver/delivery-store.ts'
import { newEvent } from '../conformance/events.ts'
import { openDatabase } from './database.ts'
import { CommitRequestBuilder } from './log/commit-request.ts'
import { Committer } from './log/committer.ts'
import { openForWriting } from './log/database.ts'
import { deliveryMigrations } from './state/delivery-schema.ts'
import { DeliveryTables } from './state/delivery-tables.ts'

const dayMs = 24 * 3_600_000
const startMs = Date.UTC(2026, 0, 1)
const retentionDays = 14
const days = 120

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidings-growth-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const pages = (db: DatabaseSync) => Number(db.prepare('PRAGMA page_count').get()!.page_count)
const rows = (db: DatabaseSync, table: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n)

/** Rows that opening reads: what it costs, in a number that no machine changes. */
function openingRows(db: DatabaseSync): number {
  let seen = 0
  const prepare = db.prepare.bind(db)
  db.prepare = (sql) => {
    const statement = prepare(sql)
    const [all, iterate] = [statement.all.bind(statement), statement.iterate.bind(statement)]
    statement.all = ((...given: []) => {
      const found = all(...given)
      seen += found.length
      return found
    }) as typeof statement.all
    statement.iterate = function* (...given: []) {
      for (const row of iterate(...given)) {
        seen += 1
        yield row
      }
    } as typeof statement.iterate
    return statement
  }
  new Committer(db, { idRunSize: 100 })
  db.prepare = prepare
  return seen
}

test('the log of four months keeps the size of two weeks, and opening it reads no more', () => {
  const db = openForWriting(directory, 'NORMAL')
  const committer = new Committer(db, { idRunSize: 100 })
  const sizes: { readonly batches: number; readonly runs: number; readonly pages: number; readonly opening: number }[] =
    []
  let number = 0
  for (let day = 0; day < days; day++) {
    for (let commit = 0; commit < 10; commit++) {
      const builder = new CommitRequestBuilder()
      builder.add(
        Array.from({ length: 5 }, () => {
          number += 1
          const own = { id: `id-${number}`, fingerprint: number.toString(16).padStart(16, '0') }
          return newEvent({ ...own, topic: number % 2 ? 'invoices' : 'customers' })
        }),
      )
      committer.commit(builder.build(startMs + day * dayMs + commit).request)
      committer.tidy()
    }
    while (!committer.dropStep(startMs + (day - retentionDays) * dayMs).isDone);
    const size = { batches: rows(db, 'batches'), runs: rows(db, 'id_runs'), pages: pages(db) }
    if (day % 30 === 29) sizes.push({ ...size, opening: openingRows(db) })
  }
  db.close()
  const [first] = sizes
  for (const size of sizes) {
    expect(size.batches).toBe((retentionDays + 1) * 10 * 2)
    expect(size.runs).toBeLessThanOrEqual(first!.runs + 1)
    // What was dropped is used again.
    expect(size.pages).toBeLessThanOrEqual(first!.pages * 1.1)
    // Topics, runs and the ids of less than a run: nothing that grows.
    expect(size.opening).toBeLessThan(100)
  }
})

test('the state of deliveries of four months keeps two weeks of attempts, a table a day', () => {
  const db = openDatabase({ file: join(directory, 'delivery.db'), migrations: deliveryMigrations })
  db.exec('PRAGMA synchronous = OFF')
  const tables = new DeliveryTables(db)
  const sizes: { readonly days: number; readonly sums: number; readonly ended: number; readonly pages: number }[] = []
  for (let day = 0; day < days; day++) {
    const places = Array.from({ length: 60 }, (_, index) => ({
      ...{ subscription: index % 3, partition: 0, position: day * 60 + index, sequence: index },
      ...{ topic: 'invoices', type: 'invoice.updated', tenantId: 7, entityKey: '1' },
    }))
    const atMs = startMs + day * dayMs
    const attempts = places.map(
      (place): AttemptRecord => ({
        ...{ ...place, atMs, attempt: 1, durationMs: 5, outcome: 'delivered', status: 204, error: null },
        body: 'x'.repeat(200),
      }),
    )
    const ended = places
      .filter((_, index) => index % 10 === 0)
      .map((place) => ({ ...place, attempts: 1, firstAttemptAtMs: atMs, dueAtMs: atMs, status: 'failed' as const }))
    tables.settle({ ...nothingSettled, attempts, ended, watermarks: [{ partition: 0, position: day * 60 + 59 }] })
    while (tables.dropSomeBefore(atMs - retentionDays * dayMs));
    const names = db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name GLOB 'attempts_*'")
    const size = { days: Number(names.get()!.n), sums: rows(db, 'sums'), ended: rows(db, 'outstanding') }
    if (day % 30 === 29) sizes.push({ ...size, pages: pages(db) })
  }
  db.close()
  const [first] = sizes
  for (const size of sizes) {
    expect(size.days).toBe(retentionDays + 1)
    expect(size.sums).toBe(first!.sums)
    expect(size.ended).toBe((retentionDays + 1) * 6)
    expect(size.pages).toBeLessThanOrEqual(first!.pages * 1.1)
  }
})
