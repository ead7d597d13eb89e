import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewEvent } from '../../../core/event/event.ts'
import { fingerprints, newEvent, newEvents } from '../../conformance/events.ts'
import { CommitRequestBuilder } from './commit-request.ts'
import { Committer } from './committer.ts'
import { openForWriting } from './log-database.ts'

let directory: string
let db: DatabaseSync
let committer: Committer

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidings-committer-'))
  db = openForWriting(directory, 'FULL')
  committer = new Committer(db, { idRunSize: 1_000 })
})
afterEach(() => {
  db.close()
  rmSync(directory, { recursive: true, force: true })
})

function commit(...appends: (readonly NewEvent[])[]) {
  const builder = new CommitRequestBuilder()
  for (const events of appends) builder.add(events)
  return committer.commit(builder.build(1_000).request)
}

const count = (table: string) => (db.prepare(`SELECT count(*) AS rows FROM ${table}`).get() as { rows: number }).rows

describe('a commit', () => {
  test('stores one row for each topic in it', () => {
    const { latest } = commit(
      newEvents(100),
      newEvents(100, (index) => ({ topic: index % 2 ? 'customers' : 'invoices' })),
    )
    expect(latest).toBe(200)
    expect(count('batches')).toBe(2)
  })

  test('of many bytes is divided, so that reading a little stays cheap', () => {
    commit(newEvents(40, (index) => ({ topic: index % 2 ? 'customers' : 'invoices', tail: 'x'.repeat(100_000) })))
    const rows = db
      .prepare(
        'SELECT segment, min(base) AS base, max(last) AS last, sum(length(body)) AS bytes FROM batches GROUP BY segment',
      )
      .all()
    expect(rows.length).toBeGreaterThan(10)
    let end = 0
    for (const row of rows as unknown as { segment: number; base: number; last: number; bytes: number }[]) {
      expect(row).toMatchObject({ segment: end + 1, base: end + 1 })
      expect(row.bytes).toBeLessThan(400_000)
      end = row.last
    }
    expect(end).toBe(40)
  })

  test('without anything new writes nothing', () => {
    const own = newEvent({ id: 'a', fingerprint: fingerprints[0] })
    commit([own])
    const changes = () => (db.prepare('SELECT total_changes() AS changes').get() as { changes: number }).changes
    const before = changes()
    expect([...commit([own], [{ ...own, fingerprint: fingerprints[1] }]).places]).toEqual([-1, 0])
    expect(changes()).toBe(before)
  })

  test('that the disk refuses leaves nothing behind, and the next one succeeds', () => {
    const own = (index: number) =>
      newEvent({ id: `inv-${index}`, fingerprint: fingerprints[0], tail: 'x'.repeat(1_000) })
    commit([own(0)])
    // SQLite's own limit on pages fails where a full disk does.
    const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number }
    db.exec(`PRAGMA max_page_count = ${pages + 3}`)
    const many = Array.from({ length: 100 }, (_, index) => ({ ...own(index + 1), topic: `topic-${index}` }))
    for (let attempt = 0; attempt < 3; attempt++) expect(() => commit(many)).toThrow(/full/)
    expect(committer.bounds).toEqual({ earliest: 0, latest: 1 })
    expect(count('batches')).toBe(1)
    expect(count('topics')).toBe(1)
    // Appends that fit are stored. The ids of refused appends do not count as known.
    expect([...commit([{ ...own(1), fingerprint: fingerprints[1] }]).places]).toEqual([2])
    db.exec('PRAGMA max_page_count = 1000000')
    expect(commit(many).refused).toEqual([{ append: 0, indexes: [0] }])
    expect([...commit(many.slice(1)).places]).toEqual(Array.from({ length: 99 }, (_, index) => index + 3))
    expect(count('topics')).toBe(100)
  })

  test('that happened although it reported an error keeps its positions, and is not repeated over', () => {
    const own = (id: string) => newEvent({ id, fingerprint: fingerprints[0] })
    commit([own('a')])
    // The transaction is ended from inside, as if the failure had come after the point of no return.
    let isArmed = true
    const exec = db.exec.bind(db)
    db.exec = (sql) => {
      exec(sql)
      if (sql === 'COMMIT' && isArmed) {
        isArmed = false
        throw new Error('too late')
      }
    }
    expect(() => commit([own('b')])).toThrow('too late')
    expect(committer.bounds.latest).toBe(2)
    expect([...commit([own('b')], [own('c')]).places]).toEqual([-2, 3])
  })
})

describe('dropping', () => {
  test('goes in small steps of whole segments', () => {
    for (let i = 0; i < 30; i++) commit(newEvents(10, (index) => ({ topic: `topic-${index}` })))
    const steps: number[] = []
    for (let isDone = false; !isDone; ) {
      const step = committer.dropStep(1_001, 64)
      steps.push(step.count)
      isDone = step.isDone
      expect(committer.bounds).toEqual({ earliest: steps.reduce((sum, n) => sum + n), latest: 300 })
    }
    expect(steps).toEqual([70, 70, 70, 70, 20])
    expect(committer.dropStep(1_001)).toEqual({ count: 0, isDone: true })
  })

  test('stops at the bytes of a step', () => {
    for (let i = 0; i < 5; i++) commit(newEvents(1, () => ({ tail: 'x'.repeat(100_000) })))
    expect(committer.dropStep(1_001, 64, 150_000)).toEqual({ count: 2, isDone: false })
    expect(committer.dropStep(1_000)).toEqual({ count: 0, isDone: true })
  })
})
