import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { damagedBatch, LogChain, missingAfter } from './log-chain.ts'
import { LogFacts } from './log-facts.ts'
import type { AtRequest, AtResult, BatchRow, RowsRequest, RowsResult } from './messages.ts'
import { batchColumns, isIntact, type StoredBatch } from './stored-batch.ts'
import { loadTopics } from './topic-names.ts'

/**
 * Reads batches from disk. Synchronous; lives in its own thread, beside the writer.
 *
 * Neither a page of the table nor one of its index is believed: each batch has a checksum, and says
 * where the one before it ended, in its topic and in the log. What a changed page leaves out is so
 * missed by its neighbours, and at the end by what the log says of itself.
 */
export class LogRows {
  readonly #db: DatabaseSync
  readonly #facts: LogFacts
  #numbers: ReadonlyMap<string, number> = new Map()
  #names: ReadonlyMap<number, string> = new Map()
  readonly #segmentOf: StatementSync
  readonly #from: StatementSync
  readonly #following: StatementSync
  readonly #next: StatementSync
  readonly #one: StatementSync
  readonly #before: StatementSync

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#facts = new LogFacts(db)
    this.#segmentOf = db.prepare('SELECT segment FROM batches WHERE base <= ? ORDER BY base DESC LIMIT 1')
    this.#from = db.prepare(`SELECT ${batchColumns} FROM batches WHERE base >= ? ORDER BY base`)
    this.#following = db.prepare(`SELECT ${batchColumns} FROM batches WHERE base >= ? ORDER BY base LIMIT 1`)
    this.#next = db.prepare('SELECT base, last FROM batches WHERE topic = ? AND last > ? ORDER BY last LIMIT 1')
    this.#one = db.prepare(`SELECT ${batchColumns} FROM batches WHERE base = ?`)
    this.#before = db.prepare(`SELECT ${batchColumns} FROM batches WHERE base <= ? ORDER BY base DESC LIMIT 1`)
  }

  /** Whole segments until a limit is reached, so that the caller can put their rows' events in order. */
  read(request: RowsRequest): RowsResult {
    const rows: StoredBatch[] = []
    const isEnd = inReadTransaction(this.#db, () => {
      let bytes = 0
      let events = 0
      const take = (row: StoredBatch) => {
        rows.push(row)
        bytes += row.body.length
        events += Math.min(row.count, row.last - request.after)
      }
      const isFull = () => bytes >= request.maxBytes || events >= request.maxEvents
      return request.topics
        ? this.#readTopics(request, request.topics, take, isFull)
        : this.#readAll(request, take, isFull)
    })
    return { rows: rows.map((row) => this.#headOf(row)), bodies: joined(rows.map((row) => row.body)), isEnd }
  }

  /** The batches that hold the events at some positions, segment by segment until a limit is reached. */
  readAt({ positions, maxBytes }: AtRequest): AtResult {
    const rows: StoredBatch[] = []
    let done = 0
    inReadTransaction(this.#db, () => {
      const earliest = this.#facts.get('earliest')
      for (let bytes = 0; done < positions.length && bytes < maxBytes; ) {
        const position = positions[done]!
        /** How far the segment goes that holds the position. */
        let last = 0
        const take = (row: StoredBatch) => {
          last = Math.max(last, row.last)
          if (!positions.some((sought) => row.base <= sought && sought <= row.last)) return
          rows.push(row)
          bytes += row.body.length
        }
        const limits = { topics: null, maxBytes: 1, maxEvents: 1 }
        const isRead = () => last >= position
        if (position > earliest) this.#readAll({ after: position - 1, until: position, ...limits }, take, isRead)
        while (done < positions.length && positions[done]! <= Math.max(position, last)) done++
      }
    })
    return { rows: rows.map((row) => this.#headOf(row)), bodies: joined(rows.map((row) => row.body)), done }
  }

  /** Goes through the whole log, by its rows and by their topics. @throws AppError `storage_unavailable` */
  verify(): void {
    inReadTransaction(this.#db, () => {
      const until = this.#latest()
      const request = {
        after: 0,
        until,
        topics: null,
        maxBytes: Number.POSITIVE_INFINITY,
        maxEvents: Number.POSITIVE_INFINITY,
      }
      const pass = () => {}
      this.#readAll(request, pass, () => false)
      this.#readTopics(request, [...this.#numbers.keys()], pass, () => false)
    })
  }

  /** Null: everything kept was appended at or after that time. */
  positionBefore(timeMs: number): number | null {
    return inReadTransaction(this.#db, () => {
      // `appended_at` never falls as `base` grows, so it needs no index of its own.
      const range = this.#db.prepare('SELECT min(base) AS low, max(base) AS high FROM batches').get()
      let { low, high } = range as { low: number | null; high: number | null }
      if (low === null || high === null) return null
      if (this.#at(low).appended_at >= timeMs) {
        this.#checkNext(this.#facts.get('earliest'))
        return null
      }
      while (low < high) {
        const position: number = Math.ceil((low + high) / 2)
        const middle = this.#at(position)
        if (middle.appended_at < timeMs) low = Math.max(middle.base, position)
        else high = middle.base - 1
      }
      const { segment, log_before } = this.#at(low)
      const chain = new LogChain(log_before)
      for (const row of this.#rowsFrom(segment)) {
        if (row.segment !== segment) break
        chain.take(row)
      }
      chain.close()
      const next = this.#checkNext(chain.end)
      if (next && next.appended_at < timeMs) throw missingAfter(chain.end)
      return chain.end
    })
  }

  /** Returns whether it came to the end. */
  #readAll({ after, until }: RowsRequest, take: (row: StoredBatch) => void, isFull: () => boolean): boolean {
    const reached = Math.max(after, this.#facts.get('earliest'))
    const chain = new LogChain(reached)
    const start = this.#segmentOf.get(reached + 1) as { segment: number } | undefined
    for (const row of this.#rowsFrom(start?.segment ?? 0)) {
      if (row.segment !== chain.segment) {
        chain.close()
        if (isFull()) return false
        if (chain.end >= until) return true
      }
      chain.take(row)
      if (row.last > after) take(row)
    }
    chain.close()
    if (chain.end < this.#latest()) throw missingAfter(chain.end)
    return true
  }

  #rowsFrom(base: number): Iterable<StoredBatch> {
    return this.#from.iterate(base) as Iterable<unknown> as Iterable<StoredBatch>
  }

  /** The first row after a position at which a segment ends; undefined at the end of the log. */
  #checkNext(end: number): StoredBatch | undefined {
    const found = this.#following.get(end + 1)
    if (!found && this.#latest() > end) throw missingAfter(end)
    const row = found && this.#intact(found, end + 1)
    if (row && row.log_before > end) throw missingAfter(end)
    return row || undefined
  }

  #at(position: number): StoredBatch {
    return this.#intact(this.#before.get(position), position)
  }

  /** Merges the topics by segment; each has at most one row in a segment. Returns whether it came to the end. */
  #readTopics(
    { after, until }: RowsRequest,
    topics: readonly string[],
    take: (row: StoredBatch) => void,
    isFull: () => boolean,
  ): boolean {
    const heads = new Map<number, StoredBatch>()
    const start = Math.max(after, this.#facts.get('earliest'))
    const advance = (topic: number, reached: number) => {
      const row = this.#nextOfTopic(topic, reached)
      if (row && row.base <= until) heads.set(topic, row)
      else heads.delete(topic)
    }
    for (const name of topics) {
      const number = this.#numberOf(name)
      if (number !== undefined) advance(number, start)
    }
    while (heads.size > 0) {
      if (isFull()) return false
      const segment = Math.min(...[...heads.values()].map((head) => head.segment))
      for (const [topic, head] of [...heads]) {
        if (head.segment !== segment) continue
        take(head)
        advance(topic, head.last)
      }
    }
    return true
  }

  /** A topic's first batch that ends after a position. */
  #nextOfTopic(topic: number, reached: number): StoredBatch | undefined {
    const head = this.#next.get(topic, reached) as { base: number; last: number } | undefined
    if (!head) {
      if (this.#facts.get(`last:${topic}`) > reached) throw missingAfter(reached, this.#nameOf(topic))
      return undefined
    }
    const row = this.#intact(this.#one.get(head.base), head.base)
    const isNext = row.topic === topic && row.last === head.last && row.topic_before <= reached
    if (!isNext) throw missingAfter(reached, this.#nameOf(topic))
    return row
  }

  #latest(): number {
    if (this.#names.size !== this.#facts.get('topics')) this.#loadTopics()
    return Math.max(0, ...[...this.#names.keys()].map((topic) => this.#facts.get(`last:${topic}`)))
  }

  #headOf({ segment, base, topic, appended_at: appendedAtMs, body }: StoredBatch): BatchRow {
    return { segment, base, topic: this.#nameOf(topic), appendedAtMs, length: body.length }
  }

  #intact(found: unknown, near: number): StoredBatch {
    const row = found as StoredBatch | undefined
    if (!row) throw missingAfter(near)
    if (isIntact(row)) return row
    throw damagedBatch(row)
  }

  #numberOf(name: string): number | undefined {
    if (!this.#numbers.has(name)) this.#loadTopics()
    return this.#numbers.get(name)
  }

  #nameOf(number: number): string {
    if (!this.#names.has(number)) this.#loadTopics()
    return this.#names.get(number) ?? `#${number}`
  }

  #loadTopics(): void {
    this.#numbers = loadTopics(this.#db)
    this.#names = new Map([...this.#numbers].map(([name, number]) => [number, name]))
  }
}

/** One view of the log for several statements. */
function inReadTransaction<T>(db: DatabaseSync, read: () => T): T {
  db.exec('BEGIN')
  try {
    return read()
  } finally {
    if (db.isTransaction) db.exec('COMMIT')
  }
}

function joined(bodies: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(bodies.reduce((sum, body) => sum + body.length, 0))
  let at = 0
  for (const body of bodies) {
    all.set(body, at)
    at += body.length
  }
  return all
}
