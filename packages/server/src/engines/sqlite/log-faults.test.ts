import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fingerprints, newEvent, newEvents } from '../conformance/events.ts'
import { readAll } from '../conformance/log-calls.ts'
import { openSqliteLog, type SqliteLog, type SqliteLogOptions } from './log.ts'

let directory: string
const opened: SqliteLog[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidings-faults-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((log) => log.close()))
  rmSync(directory, { recursive: true, force: true })
})

async function open(options: Partial<SqliteLogOptions> = {}): Promise<SqliteLog> {
  const log = await openSqliteLog({ directory, ...options })
  opened.push(log)
  return log
}

/** Changes the file of a closed log by hand. */
function tamper(sql: string): void {
  const db = new DatabaseSync(join(directory, 'log.db'))
  db.exec(sql)
  db.close()
}

describe('opening', () => {
  test('a directory that is in use is refused, until it is free', async () => {
    const first = await open()
    await expect(open()).rejects.toMatchObject({ code: 'unsafe_store', message: expect.stringContaining(directory) })
    await first.close()
    await open()
  })

  test('a directory that another process uses is refused', async () => {
    const script = `
      const { lockDirectory } = await import(${JSON.stringify(new URL('./log/log-database.ts', import.meta.url).href)})
      globalThis.lock = lockDirectory(${JSON.stringify(directory)})
      console.log('locked')
      setInterval(() => globalThis.lock, 60_000)
    `
    const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(other, 'exit')
    await once(other.stdout, 'data')
    await expect(open()).rejects.toMatchObject({ code: 'unsafe_store' })
    // Also when it did not say goodbye.
    other.kill('SIGKILL')
    await exited
    await open()
  })

  test('a log of a newer format is refused', async () => {
    await (await open()).close()
    tamper('PRAGMA user_version = 99')
    await expect(open()).rejects.toMatchObject({ code: 'unsafe_store', message: expect.stringContaining('99') })
  })

  test('what is no database is refused', async () => {
    await (await open()).close()
    rmSync(join(directory, 'log.db'))
    writeFileSync(join(directory, 'log.db'), 'not a database, though long enough to be looked at '.repeat(100))
    await expect(open()).rejects.toMatchObject({ code: 'unsafe_store' })
  })
})

describe('a damaged batch', () => {
  test('is never served, and its neighbours are', async () => {
    const log = await open({ tailBytes: 0 })
    for (const topic of ['invoices', 'customers', 'invoices']) await log.append(newEvents(3, () => ({ topic })))
    await log.close()
    tamper("UPDATE batches SET body = cast(replace(body, '29302', '29303') AS BLOB) WHERE base = 4")
    const again = await open()
    const limits = { partition: 0, maxBytes: 1, maxEvents: 3 }
    expect((await again.read({ ...limits, after: 0 })).events).toHaveLength(1)
    await expect(again.read({ ...limits, after: 3 })).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(/events 4 to 6/),
    })
    expect(await readAll(again, { after: 6 })).toHaveLength(3)
    expect(await readAll(again, { topics: new Set(['invoices']) })).toHaveLength(6)
  })
})

describe('the ids of publishers', () => {
  const own = (index: number) => newEvent({ id: `inv-${index}`, fingerprint: fingerprints[0] })

  test('are found in runs after opening again, and their runs go with their events', async () => {
    let nowMs = 1_000
    const clock = { now: () => nowMs, schedule: () => () => {} }
    const log = await open({ idRunSize: 50, clock })
    for (let i = 0; i < 20; i++) await log.append(Array.from({ length: 20 }, (_, index) => own(i * 20 + index)))
    await log.close()
    const again = await open({ idRunSize: 50, clock })
    const result = await again.append(Array.from({ length: 400 }, (_, index) => own(index)))
    expect(result.kind === 'appended' && result.events.every((event, index) => event.position === index + 1)).toBe(true)
    nowMs = 2_000
    await again.append([newEvent()])
    expect(await again.dropBefore(2_000)).toBe(400)
    await again.close()
    const db = new DatabaseSync(join(directory, 'log.db'))
    expect(db.prepare('SELECT count(*) AS runs FROM id_runs').get()).toEqual({ runs: 0 })
    expect(db.prepare('SELECT count(*) AS buckets FROM id_buckets').get()).toEqual({ buckets: 0 })
    db.close()
  })
})

describe('a disk that fails for a while', () => {
  const own = (index: number) => newEvent({ id: `inv-${index}`, fingerprint: fingerprints[0] })
  const appends = Array.from({ length: 40 }, (_, append) =>
    Array.from({ length: 20 }, (_, index) => own(append * 20 + index)),
  )

  test('and gave the writer wrong pages: what it gives later is believed again', async () => {
    const log = await open({ idRunSize: 50 })
    for (const events of appends) await log.append(events)
    await log.close()
    const file = join(directory, 'log.db')
    const whole = readFileSync(file)
    const again = await open({ idRunSize: 50 })
    // All but what it has read at its start.
    const wrong = Buffer.from(whole)
    for (let page = 8192; page < wrong.length; page += 8192) wrong.fill(0xff, page, page + 16)
    writeFileSync(file, wrong)
    await expect(again.append(appends[5]!)).rejects.toMatchObject({ code: 'storage_unavailable' })
    writeFileSync(file, whole)
    const result = await again.append(appends[5]!)
    expect(result.kind === 'appended' && result.events.map(({ position }) => position)).toEqual(
      appends[5]!.map((_, index) => 101 + index),
    )
    expect((await again.append([newEvent()])).kind).toBe('appended')
  })

  test('as the reader starts: it is tried again', async () => {
    const log = await open({ tailBytes: 0 })
    await log.append(newEvents(3))
    renameSync(directory, `${directory}-away`)
    await expect(readAll(log)).rejects.toMatchObject({ code: 'storage_unavailable' })
    renameSync(`${directory}-away`, directory)
    expect(await readAll(log)).toHaveLength(3)
  })

  test('and gave the reader wrong pages: what it gives later is served', async () => {
    const log = await open()
    for (const events of appends) await log.append(events)
    await log.close()
    const file = join(directory, 'log.db')
    const whole = readFileSync(file)
    const again = await open()
    const wrong = Buffer.from(whole)
    for (let page = 8192; page < wrong.length; page += 8192) wrong.fill(0xff, page, page + 16)
    writeFileSync(file, wrong)
    await expect(readAll(again)).rejects.toMatchObject({ code: 'storage_unavailable' })
    writeFileSync(file, whole)
    expect(await readAll(again)).toHaveLength(800)
  })
})

describe('a backup', () => {
  test('made while publishing goes on is a whole log', async () => {
    const log = await open()
    await log.append(newEvents(1_000))
    const file = join(directory, 'copy', 'log.db')
    await expect(log.backupTo(file)).rejects.toMatchObject({ code: 'storage_unavailable' })
    mkdirSync(join(directory, 'copy'))
    const publishing = Promise.all(Array.from({ length: 50 }, () => log.append(newEvents(10))))
    await log.backupTo(file)
    await publishing
    await expect(log.backupTo(file)).rejects.toMatchObject({ code: 'conflict' })
    expect(existsSync(`${file}.partial`)).toBe(false)
    const copy = await open({ directory: join(directory, 'copy') })
    expect(copy.epoch).toBe(log.epoch)
    const events = await readAll(copy)
    expect(events.length).toBeGreaterThanOrEqual(1_000)
    expect(events).toEqual((await readAll(log)).slice(0, events.length))
    // Put in the log's place, it gives no position again that the log gave after the copy was made.
    const result = await copy.append([newEvent()])
    expect(result.kind === 'appended' && result.events[0]!.position).toBeGreaterThan(log.bounds(0).latest)
    expect((await readAll(copy)).length).toBe(events.length + 1)
  })
})

describe('observe', () => {
  test('is told about each commit', async () => {
    const commits: { events: number; bytes: number; durationMs: number }[] = []
    const log = await open({ observe: (commit) => commits.push(commit) })
    await Promise.all(Array.from({ length: 100 }, () => log.append(newEvents(2))))
    expect(commits.reduce((sum, commit) => sum + commit.events, 0)).toBe(200)
    expect(commits.length).toBeLessThan(100)
    expect(commits.every((commit) => commit.bytes > 0 && commit.durationMs > 0)).toBe(true)
  })
})

describe('append', () => {
  test('of what no publisher can send is refused without disturbing the others', async () => {
    const log = await open()
    const broken = [newEvent(), newEvent({ id: 'a', fingerprint: 'not hexadecimal' })]
    const calls = [log.append(newEvents(2)), log.append(broken), log.append(newEvents(2, () => ({ tenantId: 7 })))]
    const kinds = (await Promise.allSettled(calls)).map((call) => call.status)
    expect(kinds).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await readAll(log)).map((event) => event.tenantId)).toEqual([29302, 29302, 7, 7])
  })

  test('beyond the bytes that may wait is refused as overloaded, and taken again later', async () => {
    const log = await open()
    const large = newEvents(16, () => ({ tail: 'x'.repeat(1024 * 1024) }))
    const calls = await Promise.allSettled(Array.from({ length: 8 }, () => log.append(large)))
    const refused = calls.filter((call) => call.status === 'rejected')
    expect(refused).toHaveLength(4)
    expect(refused[0]!.reason).toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 })
    expect((await log.append(large)).kind).toBe('appended')
    expect(log.bounds(0).latest).toBe(5 * 16)
  })
})
