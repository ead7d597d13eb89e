import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { NewEvent } from '../packages/server/src/core/event/event.ts'
import { openSqliteLog } from '../packages/server/src/engines/sqlite/log.ts'

/** Events a second, and processor seconds of the whole process for a million of them. */
export interface Rate {
  readonly perSecond: number
  readonly cpuSecondsPerMillion: number
}

export interface LogRates {
  /** A bare `node:sqlite` loop: a row an event, transactions of 1,000, the same bytes and the same syncs. */
  readonly bareInsert: Rate
  /** A bare loop that reads these rows again, 1,000 at a time. */
  readonly bareSelect: Rate
  /** Appends of 1,000 events by four publishers, each waiting for its answer. */
  readonly append: Rate
  /** The same with the publishers' own ids, which are looked up and remembered. */
  readonly appendOwnIds: Rate
  /** Everything read again from disk. */
  readonly replay: Rate
}

/** @param events how many events to write each time; about 300 bytes each */
export async function measureLog(events: number): Promise<LogRates> {
  return {
    ...(await inDirectory((directory) => measureBare(directory, events))),
    ...(await inDirectory((directory) => measureEngine(directory, events))),
    appendOwnIds: await inDirectory((directory) => measureOwnIds(directory, events)),
  }
}

function eventAt(index: number, hasOwnId: boolean): NewEvent {
  const id = `invoice-${1_000_000 + index}-v1`
  const tenantId = 29_000 + (index % 50)
  const entityKey = String(100_000 + index)
  return {
    topic: ['invoices', 'customers', 'suppliers', 'orders', 'articles'][index % 5]!,
    tenantId,
    type: 'invoice.updated',
    entityKey,
    isQuiet: false,
    id,
    fingerprint: hasOwnId ? index.toString(16).padStart(16, '0') : undefined,
    head: `"type":"invoice.updated","timestamp":"2017-12-28T14:59:16.500+01:00","tenantId":${tenantId},"entityId":"${entityKey}"`,
    tail: `"id":"${id}","version":12,"data":{"id":${index},"customer":"Bygg & Betong AB","total":12345678901234567.89,"currency":"SEK","due":"2018-01-27","paid":false,"rows":[{"article":"A-100","quantity":2,"price":499.5}]}`,
  }
}

const batchSize = 1_000

async function measureBare(directory: string, events: number) {
  const db = new DatabaseSync(join(directory, 'bare.db'))
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE events (id INTEGER PRIMARY KEY, text TEXT)',
  )
  const insert = db.prepare('INSERT INTO events (text) VALUES (?)')
  const batches = batchesOf(events, false)
  const bareInsert = await measured(events, async () => {
    for (const batch of batches) {
      db.exec('BEGIN')
      for (const event of batch) insert.run(event.head + event.tail)
      db.exec('COMMIT')
    }
  })
  const select = db.prepare('SELECT id, text FROM events WHERE id > ? ORDER BY id LIMIT 1000')
  const bareSelect = await measured(events, async () => {
    let count = 0
    for (let after = 0; after < events; ) {
      const rows = select.all(after)
      count += rows.length
      after = Number(rows.at(-1)?.id)
    }
    if (count !== events) throw new Error(`read ${count} of ${events} rows`)
  })
  db.close()
  return { bareInsert, bareSelect }
}

async function measureEngine(directory: string, events: number) {
  const log = await openSqliteLog({ directory, tailBytes: 1 })
  const batches = batchesOf(events, false)
  const append = await measured(events, () => publishAll(log, batches))
  const replay = await measured(events, async () => {
    let count = 0
    for (let after = 0; after < log.bounds(0).latest; ) {
      const slice = await log.read({ partition: 0, after, maxBytes: 1024 * 1024, maxEvents: 10_000 })
      count += slice.events.length
      after = slice.next
    }
    if (count !== events) throw new Error(`read ${count} of ${events} events`)
  })
  await log.close()
  return { append, replay }
}

async function measureOwnIds(directory: string, events: number): Promise<Rate> {
  const log = await openSqliteLog({ directory })
  const batches = batchesOf(events, true)
  const rate = await measured(events, () => publishAll(log, batches))
  await log.close()
  return rate
}

/** Four publishers, so that one's batch gathers while another's is being synced. */
async function publishAll(log: { append(events: readonly NewEvent[]): Promise<unknown> }, batches: NewEvent[][]) {
  const left = batches.values()
  const publish = async () => {
    for (const batch of left) await log.append(batch)
  }
  await Promise.all([publish(), publish(), publish(), publish()])
}

function batchesOf(events: number, haveOwnIds: boolean): NewEvent[][] {
  return Array.from({ length: Math.ceil(events / batchSize) }, (_, batch) =>
    Array.from({ length: Math.min(batchSize, events - batch * batchSize) }, (_, index) =>
      eventAt(batch * batchSize + index, haveOwnIds),
    ),
  )
}

async function measured(events: number, work: () => Promise<void>): Promise<Rate> {
  const startedMs = performance.now()
  const startedCpu = process.cpuUsage()
  await work()
  const seconds = (performance.now() - startedMs) / 1_000
  const { user, system } = process.cpuUsage(startedCpu)
  return { perSecond: events / seconds, cpuSecondsPerMillion: (user + system) / events }
}

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-bench-'))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const rates = await measureLog(Number(process.argv[2] ?? 300_000))
  for (const [name, { perSecond, cpuSecondsPerMillion }] of Object.entries(rates)) {
    const ratio = perSecond / rates.bareInsert.perSecond
    console.log(
      `log ${name.padEnd(13)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} events/s  ${ratio.toFixed(2)} of bare  ${Math.round(
        1e6 / cpuSecondsPerMillion,
      )
        .toLocaleString('en')
        .padStart(9)} events per processor second`,
    )
  }
}
