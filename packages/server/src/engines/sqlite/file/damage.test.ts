import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import type { AttemptRecord } from '../../../core/delivery/attempt-record.ts'
import { noTiming } from '../../../core/delivery/attempt-timing.ts'
import type { WaitingDelivery } from '../../../core/delivery/delivery.ts'
import { everyShare } from '../../../core/delivery/shares.ts'
import { AppError } from '../../../core/errors.ts'
import { nothingSettled } from '../../../deliver/settling/settling-store.ts'
import { newEvent } from '../../conformance/events.ts'
import { CommitRequestBuilder } from '../log/commit-request.ts'
import { Committer } from '../log/committer.ts'
import { openForReading, openForWriting } from '../log/log-database.ts'
import { LogRows } from '../log/rows.ts'
import { sliceOfRows } from '../log/slice.ts'
import { AuditTable } from '../state/audit-table.ts'
import { deliveryMigrations, verifiedTables } from '../state/delivery-schema.ts'
import { DeliveryTables } from '../state/delivery-tables.ts'
import { registryMigrations } from '../state/registry-schema.ts'
import { RegistryTables } from '../state/registry-tables.ts'
import { openDatabase } from './database.ts'
import { HighMark } from './high-mark.ts'
import { openingError } from './storage-error.ts'

const root = mkdtempSync(join(tmpdir(), 'tidings-damage-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A file of pages and how everything in it is read. */
interface Subject {
  readonly make: (directory: string) => void
  /** All that it ever says. Throws an AppError, or what `openingError` makes one of, when it does not want to say it. */
  readonly everything: (directory: string) => unknown
}

const idRunSize = 80
const topics = ['invoices', 'customers', 'orders']
const own = (number: number) =>
  newEvent({
    ...{ id: `id-${number}`, fingerprint: number.toString(16).padStart(16, '0') },
    ...{ topic: topics[number % 3]!, entityKey: String(number) },
    tail: `"id":"id-${number}","data":{"text":"${'x'.repeat(number % 50 === 0 ? 20_000 : 900 + (number % 90))}"}`,
  })
const commits = Array.from({ length: 120 }, (_, commit) =>
  Array.from({ length: 1 + (commit % 4) }, (_, index) => own(commit * 10 + index)),
)

function requestOf(events: readonly ReturnType<typeof own>[], nowMs: number) {
  const builder = new CommitRequestBuilder()
  builder.add(events)
  return builder.build(nowMs).request
}

const log: Subject = {
  make(directory) {
    const db = openForWriting(directory, 'NORMAL')
    const committer = new Committer(db, { idRunSize })
    const mark = new HighMark(join(directory, 'log.mark'))
    commits.forEach((events, index) => {
      mark.raise(committer.commit(requestOf(events, 1_000 + index)).latest)
      committer.tidy()
    })
    // Pages become free.
    while (!committer.dropStep(1_030).isDone);
    mark.raise(committer.commit(requestOf([own(9_999)], 2_000)).latest)
    mark.close()
    if (!existsSync(join(directory, 'crash'))) db.close()
  },
  everything(directory) {
    const writer = openForWriting(directory, 'NORMAL')
    const reader = openForReading(directory)
    try {
      const committer = new Committer(writer, { idRunSize })
      const mark = new HighMark(join(directory, 'log.mark'))
      mark.close()
      if (committer.bounds.latest < mark.value) throw new AppError('storage_unavailable', 'the end is damaged')
      const rows = new LogRows(reader)
      const { earliest: after, latest: until } = committer.bounds
      const read = (topics: readonly string[] | null, maxBytes: number) => {
        const events = []
        for (let at = after; at < until; ) {
          const request = { after: at, until, topics, maxBytes, maxEvents: 1_000 }
          const slice = sliceOfRows(request, rows.read(request))
          events.push(...slice.events)
          at = slice.next
        }
        return events
      }
      const repeated = [...committer.commit(requestOf(commits.flat(), 9_000)).places]
      return {
        bounds: committer.bounds,
        all: read(null, 100_000),
        ofTopics: [...topics.map((topic) => read([topic], 50_000)), read(topics.slice(1), 30_000)],
        places: [1_000, 1_050, 1_103, 2_000].map((timeMs) => rows.positionBefore(timeMs)),
        // Ids of events that retention dropped are new again; the others are known.
        repeated: repeated.filter((place) => place < 0),
      }
    } finally {
      reader.close()
      writer.close()
    }
  },
}

const registry: Subject = {
  make(directory) {
    const { db, tables, audit } = openRegistry(directory)
    for (let number = 0; number < 150; number++) {
      const value = { name: `Tenant ${number}`, text: 'x'.repeat(number % 20 === 0 ? 6_000 : 60) }
      const write = { kind: 'tenant', id: String(number), value, uniqueKey: `key ${number}` } as never
      tables.commit([write], 1_000 + number)
      audit.append([{ kind: 'tenant', id: String(number), action: 'created' } as never], 1_000 + number)
    }
    for (let number = 0; number < 20; number++) {
      tables.commit([{ kind: 'tenant', id: String(number * 3), value: null } as never], 5_000)
      tables.nextNumber()
    }
    const mark = new HighMark(join(directory, 'registry.mark'))
    mark.raise(tables.changes)
    mark.close()
    if (!existsSync(join(directory, 'crash'))) db.close()
  },
  everything(directory) {
    const { db, tables, audit } = openRegistry(directory)
    try {
      const mark = new HighMark(join(directory, 'registry.mark'))
      mark.close()
      if (tables.changes < mark.value) throw new AppError('storage_unavailable', 'the end is damaged')
      const isTaken = (number: number) =>
        tables.commit(
          [{ kind: 'tenant', id: 'other', value: {}, uniqueKey: `key ${number}`, ifRevision: 9 } as never],
          0,
        )
      return {
        records: tables.changesAfter(0, 1_000),
        since: tables.changesAfter(140, 1_000),
        audit: [
          audit.page({ before: Number.MAX_SAFE_INTEGER, limit: 50, filter: {} }),
          audit.page({ before: 90, limit: 50, filter: {} }),
        ],
        taken: Array.from({ length: 150 }, (_, number) => isTaken(number)),
        next: tables.nextNumber(),
      }
    } finally {
      db.close()
    }
  },
}

function openRegistry(directory: string) {
  const file = join(directory, 'registry.db')
  const db = openDatabase({ file, migrations: registryMigrations, verified: ['records'] })
  try {
    return { db, tables: new RegistryTables(db), audit: new AuditTable(db) }
  } catch (error) {
    db.close()
    throw error
  }
}

const dayMs = 24 * 3_600_000
const attempt = (number: number, given: Partial<AttemptRecord> = {}): AttemptRecord => ({
  ...{ subscription: number % 5, partition: 0, position: number, sequence: number, attempt: 1 },
  ...{
    atMs: (number % 3) * dayMs + number,
    durationMs: 12,
    timing: noTiming,
    answerHeaders: null,
    outcome: 'delivered',
    status: 204,
    error: null,
  },
  ...{ body: 'x'.repeat(number % 30 === 0 ? 9_000 : 20), topic: 'invoices', type: 'invoice.updated' },
  ...{ tenantId: 7, entityKey: String(number) },
  ...given,
})
const waiting = (number: number): WaitingDelivery => ({
  ...{ subscription: number % 5, partition: 0, position: number, sequence: number, attempts: 1 },
  ...{ firstAttemptAtMs: 1_000, dueAtMs: 2_000 + number, topic: 'invoices', type: 'invoice.updated' },
  ...{ tenantId: 7, entityKey: String(number) },
})

const delivery: Subject = {
  make(directory) {
    const { db, tables } = openDelivery(directory)
    const numbers = Array.from({ length: 400 }, (_, number) => number)
    tables.settle({ ...nothingSettled, attempts: numbers.map((number) => attempt(number)) }, everyShare)
    tables.settle({ ...nothingSettled, waiting: numbers.filter((number) => number % 2 === 0).map(waiting) }, everyShare)
    tables.settle(
      {
        ...nothingSettled,
        cleared: numbers.filter((number) => number % 10 === 0).map(waiting),
        progress: numbers.slice(0, 200).map((subscription) => ({
          ...{
            subscription,
            partition: 0,
            mode: 'own',
            position: subscription * 3,
            sequence: subscription,
            catchUp: null,
            skipped: [],
          },
        })),
        watermarks: [{ partition: 0, position: 390 }],
      },
      everyShare,
    )
    tables.startForgetting(77)
    tables.settle({ ...nothingSettled, watermarks: [{ partition: 0, position: 391 }] }, everyShare)
    const mark = new HighMark(join(directory, 'delivery.mark'))
    mark.raise(tables.settlements)
    mark.close()
    if (!existsSync(join(directory, 'crash'))) db.close()
  },
  everything(directory) {
    const { db, tables } = openDelivery(directory)
    try {
      const mark = new HighMark(join(directory, 'delivery.mark'))
      mark.close()
      if (tables.settlements < mark.value) throw new AppError('storage_unavailable', 'the end is damaged')
      // Rows that are missing from the history are found only when the whole history is read.
      const [damagedTable] = tables.damagedHistory()
      if (damagedTable) throw new AppError('storage_unavailable', `${damagedTable} is damaged`)
      const subscriptions = [0, 1, 2, 3, 4]
      return {
        load: tables.load(everyShare),
        due: tables.due({ shares: everyShare, nowMs: 10_000, limit: 1_000, excluding: new Set([3]) }),
        next: tables.nextDueMs({ shares: everyShare, excluding: new Set() }),
        known: tables.knownAfter({ shares: everyShare, partition: 0, after: 100 }),
        delivered: tables.deliveredAfter(everyShare, [{ subscription: 1, partition: 0, after: 0, sinceMs: 0 }]),
        list: tables.list({ subscriptions, statuses: null, limit: 1_000, cursor: null } as never),
        attempts: [3, 30, 301].map((position) =>
          tables.attemptsOf({ subscription: position % 5, partition: 0, position }),
        ),
        counts: tables.count(null),
        forgetting: tables.forgetting(),
      }
    } finally {
      db.close()
    }
  },
}

function openDelivery(directory: string) {
  const file = join(directory, 'delivery.db')
  const db = openDatabase({ file, migrations: deliveryMigrations, verified: Object.keys(verifiedTables) })
  try {
    return { db, tables: new DeliveryTables(db) }
  } catch (error) {
    db.close()
    throw error
  }
}

/** Flips on pages of one kind; of further ones, one in sixteen. */
const mostPerKind = 40

/** What a page is, by its first byte; page 1 begins with the file's header. */
function kindOf(bytes: Uint8Array, pageBytes: number, page: number): string {
  const kinds: Readonly<Record<number, string>> = {
    2: 'interior page of an index',
    5: 'interior page of a table',
    10: 'leaf of an index',
    13: 'leaf of a table',
  }
  return page === 0 ? 'header' : (kinds[bytes[page * pageBytes]!] ?? 'overflow or free')
}

/** Places in a page: its header and cell pointers, and a few of the rest, all by a fixed stride. */
function* placesIn(page: number, pageBytes: number): Iterable<number> {
  const start = page * pageBytes
  const header = page === 0 ? [0, 17, 18, 28, 35, 43, 47, 60, 100, 103, 104, 108] : [0, 3, 4, 6, 8, 11]
  for (const at of header) yield start + at
  // Of the cells, other places in each page.
  yield start + 100 + ((page * 997) % (pageBytes - 200))
  yield start + pageBytes - 1 - ((page * 7) % 40)
}

/** The outcome of every operation after a file was changed on disk. */
function outcomeOf(subject: Subject, whole: string, change: (directory: string) => void, expected: string): string {
  const scratch = copyOf(whole)
  try {
    change(scratch)
    const found = JSON.stringify(subject.everything(scratch))
    if (found === expected) return 'harmless'
    const at = [...found].findIndex((character, index) => character !== expected[index])
    return `served wrong: ${found.slice(Math.max(0, at - 60), at + 60)}`
  } catch (error) {
    const refusal = openingError(error)
    return refusal instanceof AppError ? 'refused' : `not named: ${(error as Error).stack}`
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

function copyOf(whole: string): string {
  const copy = mkdtempSync(join(root, 'copy-'))
  cpSync(whole, copy, { recursive: true })
  return copy
}

function changeByte(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at]! ^= 1 << (at % 8)
  writeFileSync(file, bytes)
}

describe.each([
  ['log.db', log],
  ['registry.db', registry],
  ['delivery.db', delivery],
] as const)('%s: a byte that changes', (file, subject) => {
  const whole = mkdtempSync(join(root, 'whole-'))

  test('on any kind of page is refused, or does no harm', { timeout: 240_000 }, () => {
    subject.make(whole)
    const expected = JSON.stringify(subject.everything(copyOf(whole)))
    const bytes = readFileSync(join(whole, file))
    const pageBytes = bytes.readUInt16BE(16)
    const seen = new Map<string, number>()
    const tried = new Map<string, number>()
    const wrong: string[] = []
    for (let page = 0; page < bytes.length / pageBytes; page++) {
      const kind = kindOf(bytes, pageBytes, page)
      for (const at of placesIn(page, pageBytes)) {
        if ((tried.get(kind) ?? 0) >= mostPerKind && Math.imul(at, 2_654_435_761) >>> 28 > 0) continue
        const outcome = outcomeOf(subject, whole, (copy) => changeByte(join(copy, file), at), expected)
        tried.set(kind, (tried.get(kind) ?? 0) + 1)
        seen.set(`${kind}: ${outcome}`, (seen.get(`${kind}: ${outcome}`) ?? 0) + 1)
        if (outcome !== 'refused' && outcome !== 'harmless')
          wrong.push(`page ${page} (${kind}) at ${at % pageBytes}: ${outcome}`)
      }
    }
    console.log(file, Object.fromEntries([...seen].sort()))
    expect(wrong).toEqual([])
    for (const kind of ['header', 'leaf of a table', 'leaf of an index']) {
      if (kind !== 'leaf of a table' || file === 'log.db') expect(seen.get(`${kind}: refused`)).toBeGreaterThan(0)
    }
  })
})

/** Flips in a write-ahead log, all over it. */
const flipsPerLog = 24

describe.each([
  ['log', log],
  ['registry', registry],
  ['delivery', delivery],
] as const)('after a crash of the %s: a byte that changes', (name, subject) => {
  /** As a server leaves it that was killed: everything is in the write-ahead log. */
  function crashed(): string {
    const directory = mkdtempSync(join(root, 'crashed-'))
    writeFileSync(join(directory, 'crash'), '')
    subject.make(directory)
    return copyOf(directory)
  }

  test('in the write-ahead log is refused, or does no harm', { timeout: 240_000 }, () => {
    const whole = crashed()
    const expected = JSON.stringify(subject.everything(copyOf(whole)))
    const file = `${name}.db-wal`
    const { length } = readFileSync(join(whole, file))
    const places = Array.from({ length: flipsPerLog }, (_, flip) => Math.floor((flip * length) / flipsPerLog) + flip)
    const outcomes = [...places, length - 1].map((at) =>
      outcomeOf(subject, whole, (copy) => changeByte(join(copy, file), at), expected),
    )
    console.log(file, outcomes.filter((outcome) => outcome === 'refused').length, 'of', outcomes.length, 'refused')
    expect(outcomes.filter((outcome) => outcome !== 'refused' && outcome !== 'harmless')).toEqual([])
    // What was committed last is in its last frame.
    expect(outcomes.at(-1)).toBe('refused')
  })

  test('in the mark of how far commits had come does no harm', { timeout: 240_000 }, () => {
    const whole = crashed()
    const expected = JSON.stringify(subject.everything(copyOf(whole)))
    const file = `${name}.mark`
    const { length } = readFileSync(join(whole, file)).toString().trim()
    for (let at = 0; at <= length; at++) {
      expect(outcomeOf(subject, whole, (copy) => changeByte(join(copy, file), at), expected)).toBe('harmless')
    }
  })
})

test('an entry of the index of attempts that changes is found when the history is gone through', () => {
  const whole = mkdtempSync(join(root, 'index-'))
  delivery.make(whole)
  const expected = JSON.stringify(delivery.everything(copyOf(whole)))
  const database = new DatabaseSync(join(whole, 'delivery.db'))
  const { page, bytes } = database
    .prepare(
      `SELECT rootpage AS page, (SELECT page_size FROM pragma_page_size) AS bytes FROM sqlite_schema
       WHERE name GLOB 'attempts_*_delivered' LIMIT 1`,
    )
    .get() as { page: number; bytes: number }
  database.close()
  for (const fromEnd of [1, 2, 3, 5, 8, 12, 40, 100]) {
    const change = (copy: string) => changeByte(join(copy, 'delivery.db'), page * bytes - fromEnd)
    expect(outcomeOf(delivery, whole, change, expected)).toBe('refused')
  }
})
