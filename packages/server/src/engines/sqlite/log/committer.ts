import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { RecordBatchEncoder } from '../../../core/event/record-batch.ts'
import { type TenantId, tenantIdOfHalves } from '../../../core/ids/tenant-id.ts'
import { forgetPages, inTransaction } from '../file/transaction.ts'
import { field, fieldsPerEvent } from './commit-request.ts'
import { idDigest } from './id-digest.ts'
import { checkEnds } from './log-ends.ts'
import { LogFacts } from './log-facts.ts'
import type { CommitRequest, CommitResult } from './messages.ts'
import { PublishedIds } from './published-ids.ts'
import { batchColumns, isIntact, type StoredBatch, storedChecksum } from './stored-batch.ts'
import { loadTopics, topicChecksum } from './topic-names.ts'

/** A stretch of a commit whose rows are read together: what the smallest read from disk has to touch. */
const segmentBytes = 256 * 1024

/** The log's one writer: gives appends their positions and stores them. Synchronous; lives in its own thread. */
export class Committer {
  /** See `EventLog.epoch`. */
  readonly epoch: number
  readonly #db: DatabaseSync
  readonly #facts: LogFacts
  readonly #ids: PublishedIds
  readonly #insertBatch: StatementSync
  readonly #insertTopic: StatementSync
  #topics = new Map<string, number>()
  /** The last position of each topic by its number, as of the newest commit. */
  #lasts = new Map<number, number>()
  #earliest = 0
  #latest = 0
  #lastAppendedAtMs = 0
  /** True: memory may differ from what the disk holds. */
  #isStale = false

  constructor(db: DatabaseSync, options: { readonly idRunSize: number }) {
    this.#db = db
    this.#facts = new LogFacts(db)
    this.#insertBatch = db.prepare(`INSERT INTO batches (${batchColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#insertTopic = db.prepare('INSERT INTO topics (number, name, checksum) VALUES (?, ?, ?)')
    this.#ids = new PublishedIds(db, this.#facts, options.idRunSize)
    this.#load()
    checkEnds(db, this.#facts, this.#lasts)
    this.epoch = this.#facts.get('epoch')
  }

  get bounds(): { readonly earliest: number; readonly latest: number } {
    return { earliest: this.#earliest, latest: this.#latest }
  }

  /** Durable when it returns. When it throws, nothing of it is stored, and the next commit may succeed. */
  commit(request: CommitRequest): CommitResult {
    const startedMs = performance.now()
    if (this.#isStale) this.#reload()
    const mark = this.#ids.mark
    const topicCount = this.#topics.size
    const lasts = [...this.#lasts]
    try {
      const placed = this.#place(request)
      const appendedAtMs = Math.max(this.#lastAppendedAtMs, request.nowMs)
      if (placed.latest > this.#latest) {
        inTransaction(this.#db, () => {
          this.#store(request, placed.places, appendedAtMs)
          this.#ids.store(mark, this.#latest + 1)
        })
        this.#latest = placed.latest
        this.#lastAppendedAtMs = appendedAtMs
      }
      const { places, refused, latest } = placed
      return { appendedAtMs, latest, places, refused, durationMs: performance.now() - startedMs }
    } catch (error) {
      this.#ids.truncate(mark)
      this.#topics = new Map([...this.#topics].slice(0, topicCount))
      this.#lasts = new Map(lasts)
      forgetPages(this.#db)
      this.#reloadIfItHappened()
      throw error
    }
  }

  /** Housekeeping between commits, kept out of their time. A failure leaves everything as it was. */
  tidy(): void {
    if (!this.#ids.isRunDue) return
    const run = inTransaction(this.#db, () => this.#ids.writeRun(this.#latest))
    this.#ids.runWritten(run)
  }

  /**
   * Drops the oldest segments appended before `timeMs`, up to `maxRows` rows or `maxBytes` and the
   * rest of the segment in which that is reached: a small step, so that commits wait little for it.
   */
  dropStep(timeMs: number, maxRows = 64, maxBytes = 2 * 1024 * 1024): { count: number; isDone: boolean } {
    const step = this.#planDrop(timeMs, maxRows, maxBytes)
    const hasRun = this.#ids.hasRunUntil(step.last)
    if (step.count > 0 || hasRun) {
      inTransaction(this.#db, () => {
        this.#db.prepare('DELETE FROM batches WHERE base <= ?').run(step.base)
        this.#facts.set('earliest', step.last)
        if (hasRun) this.#ids.dropRun()
      })
      this.#earliest = step.last
      if (hasRun) this.#ids.runDropped()
    }
    const isDone = step.isDone && !this.#ids.hasRunUntil(step.last)
    return { count: step.count, isDone }
  }

  /** Where the events stand that were published under this id for these tenants. */
  find(id: string, tenantIds: readonly TenantId[]): number[] {
    if (this.#isStale) this.#reload()
    return tenantIds.flatMap((tenantId) => {
      const known = this.#ids.find(idDigest(tenantId, id, 0, 0), this.#earliest)
      return known ? [known.position] : []
    })
  }

  /** Gives every event its position, or the place of the event that it repeats. Changes only the ids in memory. */
  #place(request: CommitRequest) {
    const { fields, counts } = request
    const places = new Float64Array(fields.length / fieldsPerEvent)
    const refused: { append: number; indexes: number[] }[] = []
    let latest = this.#latest
    let index = 0
    let idAt = 0
    for (const [append, count] of counts.entries()) {
      const start = index
      const mark = this.#ids.mark
      const before = latest
      const reused: number[] = []
      for (; index < start + count; index++) {
        const at = index * fieldsPerEvent
        const idLength = fields[at + field.idLength]!
        if (idLength < 0) {
          places[index] = ++latest
          continue
        }
        const text = request.ids.substring(idAt, idAt + idLength)
        idAt += idLength
        const [f0, f1] = [fields[at + field.fingerprint0]!, fields[at + field.fingerprint1]!]
        const id = idDigest(tenantIdAt(fields, at), text, f0, f1)
        const known = this.#ids.find(id, this.#earliest)
        if (!known) {
          places[index] = ++latest
          this.#ids.add(id, latest)
        } else if (known.isSameEvent) {
          places[index] = -known.position
        } else {
          reused.push(index - start)
        }
      }
      if (reused.length === 0) continue
      refused.push({ append, indexes: reused })
      places.fill(0, start, index)
      this.#ids.truncate(mark)
      latest = before
    }
    return { places, refused, latest }
  }

  #store(request: CommitRequest, places: Float64Array, appendedAtMs: number): void {
    const { fields, text, types } = request
    const touched = new Set<number>()
    let segment = new Map<number, RecordBatchEncoder>()
    let segmentBase = this.#latest + 1
    // After a backup was put in place, the positions up to the floor are nobody's.
    let before = Math.max(0, ...this.#lasts.values())
    let segmentStart = 0
    let textAt = 0
    for (let index = 0; index < places.length; index++) {
      const at = index * fieldsPerEvent
      const start = textAt
      textAt += fields[at + field.textBytes]!
      const position = places[index]!
      if (position <= 0) continue
      const topic = this.#topicNumber(request.topics[fields[at + field.topic]!]!)
      let batch = segment.get(topic)
      if (!batch) {
        batch = new RecordBatchEncoder(position)
        segment.set(topic, batch)
        touched.add(topic)
      }
      const record = {
        position,
        isQuiet: fields[at + field.isQuiet] === 1,
        tenantId: tenantIdAt(fields, at),
        type: types[fields[at + field.type]!]!,
        keyLength: fields[at + field.keyLength]!,
        headLength: fields[at + field.headLength]!,
        tailLength: fields[at + field.tailLength]!,
      }
      batch.add(record, text, start, textAt)
      if (textAt - segmentStart < segmentBytes) continue
      this.#storeSegment(segment, { segment: segmentBase, log_before: before, appended_at: appendedAtMs })
      segment = new Map()
      segmentBase = position + 1
      before = position
      segmentStart = textAt
    }
    this.#storeSegment(segment, { segment: segmentBase, log_before: before, appended_at: appendedAtMs })
    for (const topic of touched) this.#facts.set(`last:${topic}`, this.#lasts.get(topic)!)
    this.#facts.set('appended_at', appendedAtMs)
  }

  #topicNumber(name: string): number {
    const known = this.#topics.get(name)
    if (known !== undefined) return known
    const number = this.#topics.size + 1
    this.#insertTopic.run(number, name, topicChecksum(number, name))
    this.#topics.set(name, number)
    this.#facts.set('topics', number)
    return number
  }

  #storeSegment(
    batches: ReadonlyMap<number, RecordBatchEncoder>,
    common: Pick<StoredBatch, 'segment' | 'log_before' | 'appended_at'>,
  ): void {
    const { segment, log_before, appended_at } = common
    for (const [topic, batch] of batches) {
      const { base, last, count } = batch
      const body = batch.finish()
      const topic_before = this.#lasts.get(topic) ?? 0
      const checksum = storedChecksum({ ...common, base, last, topic, count, topic_before, body })
      this.#insertBatch.run(base, topic, last, segment, count, appended_at, checksum, topic_before, log_before, body)
      this.#lasts.set(topic, last)
    }
  }

  /** A damaged batch is dropped together with the first undamaged batch that follows it, so retention does not stop at the damage. */
  #planDrop(timeMs: number, maxRows: number, maxBytes: number) {
    const step = { base: 0, last: this.#earliest, count: 0, isDone: true }
    let rows = 0
    let bytes = 0
    let segment = 0
    const oldest = this.#db.prepare(`SELECT ${batchColumns} FROM batches ORDER BY base`)
    for (const row of oldest.iterate() as Iterable<unknown> as Iterable<StoredBatch>) {
      if (!isIntact(row)) continue
      if (row.appended_at >= timeMs) break
      if (row.segment !== segment && (rows >= maxRows || bytes >= maxBytes)) {
        step.isDone = false
        break
      }
      segment = row.segment
      step.base = row.base
      step.last = Math.max(step.last, row.last)
      step.count += row.count
      bytes += row.body.length
      rows++
    }
    return step
  }

  #load(): void {
    this.#earliest = this.#facts.get('earliest')
    this.#topics = loadTopics(this.#db)
    this.#lasts = new Map([...this.#topics.values()].map((topic) => [topic, this.#facts.get(`last:${topic}`)]))
    this.#latest = Math.max(this.#earliest, this.#facts.get('floor'), ...this.#lasts.values())
    this.#lastAppendedAtMs = this.#facts.get('appended_at')
  }

  /**
   * A commit that reports an error may have happened nevertheless. Its events were refused, so it is
   * no harm that they stay, but their positions are taken.
   */
  #reloadIfItHappened(): void {
    try {
      const lasts = [...this.#topics.values()].map((topic) => this.#facts.get(`last:${topic}`))
      this.#isStale = this.#facts.get('topics') !== this.#topics.size || Math.max(0, ...lasts) > this.#latest
      if (this.#isStale) this.#reload()
    } catch {
      // The disk cannot even be read: before the next commit it is looked at again.
      this.#isStale = true
    }
  }

  #reload(): void {
    forgetPages(this.#db)
    this.#load()
    this.#ids.reload()
    this.#isStale = false
  }
}

function tenantIdAt(fields: Float64Array, at: number): TenantId {
  return tenantIdOfHalves(fields[at + field.tenantHigh]!, fields[at + field.tenantLow]!)
}
