import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads'
import { AppError } from '../../core/errors.ts'
import type { LogPlace, NewEvent, StoredEvent } from '../../core/event/event.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import { type Clock, systemClock } from '../../core/time/clock.ts'
import type { AppendResult, EventLog, LogBounds, LogSlice, ReadRequest } from '../../log/event-log.ts'
import { startThread } from '../../process/thread.ts'
import type { LogConnection } from './log/attached-log.ts'
import { CommitQueue, type WaitingCommit } from './log/commit-queue.ts'
import { IdQuestions } from './log/id-questions.ts'
import type { Synchronous } from './log/log-database.ts'
import { LogTail } from './log/log-tail.ts'
import type { CommitResult, FromWriter, ThreadRefusal, ToWriter, WriterOptions } from './log/messages.ts'
import { ReaderThread } from './log/reader-thread.ts'
import { errorOf } from './log/refusal.ts'
import { SharedBounds } from './log/shared-bounds.ts'

export interface SqliteLogOptions {
  /** Made when it does not exist; holds `log.db`. Nobody else may use it meanwhile. */
  readonly directory: string
  readonly clock?: Clock
  /** FULL unless a test wants to see what is lost without it. */
  readonly synchronous?: Synchronous
  /** Told about each commit, for metrics. `durationMs`: in the writer, without waiting for its turn. */
  readonly observe?: (commit: { readonly events: number; readonly bytes: number; readonly durationMs: number }) => void
  /** Newest events kept in memory, in bytes of text. 32 MiB. */
  readonly tailBytes?: number
  /** Publishers' ids kept in memory (40 bytes each) before they become a run on disk. 262,144. */
  readonly idRunSize?: number
}

export interface SqliteLog extends EventLog {
  /**
   * Writes a consistent copy of the log to a new file while everything goes on. Put in the log's place,
   * the copy is the same log (same epoch, same offsets), and goes on at positions that this one has not used.
   * @throws AppError `conflict` when the file exists
   */
  backupTo(file: string): Promise<void>
  /** For a thread that reads the log by itself (`AttachedLog`), until the port is closed there. */
  connect(): LogConnection
}

/**
 * Opens the log in a directory, making it when there is none.
 * @throws AppError `unsafe_store` when the directory is in use, the file is newer or damaged, or the SQLite library too old
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<SqliteLog> {
  const { directory, synchronous = 'FULL', idRunSize = 262_144 } = options
  const writer = startThread(new URL('./log/writer.ts', import.meta.url), {
    name: 'tidings-log-writer',
    workerData: { directory, synchronous, idRunSize } satisfies WriterOptions,
  })
  // `once` from `node:events` also rejects when the thread fails.
  const [opened] = (await once(writer, 'message')) as [FromWriter]
  if (opened.kind === 'not-opened') throw errorOf(opened.refusal)
  if (opened.kind !== 'opened') throw new Error(`The log's writer said ${opened.kind} first.`)
  return new WorkerLog(options, writer, opened)
}

interface Drop {
  readonly timeMs: number
  count: number
  readonly resolve: (count: number) => void
  readonly reject: (error: unknown) => void
}

class WorkerLog implements SqliteLog {
  readonly epoch: number
  readonly #clock: Clock
  readonly #observe: SqliteLogOptions['observe']
  readonly #directory: string
  readonly #writer: Worker
  readonly #reader: ReaderThread
  readonly #queue = new CommitQueue()
  readonly #questions = new IdQuestions((id, tenantIds) => {
    this.#checkOpen()
    this.#post({ kind: 'find', id, tenantIds })
  })
  readonly #tail: LogTail
  readonly #wakes = new Set<{ readonly wake: () => void }>()
  readonly #drops: Drop[] = []
  readonly #bounds: SharedBounds
  readonly #ports = new Set<MessagePort>()
  #failure: AppError | undefined
  #closing: Promise<void> | undefined
  #idle: (() => void) | undefined

  constructor(
    options: SqliteLogOptions,
    writer: Worker,
    opened: { readonly epoch: number; readonly earliest: number; readonly latest: number },
  ) {
    this.#clock = options.clock ?? systemClock
    this.#observe = options.observe
    this.#directory = options.directory
    this.#writer = writer
    this.#reader = new ReaderThread(options.directory)
    this.epoch = opened.epoch
    this.#bounds = SharedBounds.of(opened)
    this.#tail = new LogTail({ latest: opened.latest, maxBytes: options.tailBytes ?? 32 * 1024 * 1024 })
    writer.on('message', (message: FromWriter) => this.#answered(message))
    writer.on('error', (cause) => this.#fail(cause))
  }

  async append(events: readonly NewEvent[]): Promise<AppendResult> {
    this.#checkOpen()
    return new Promise((resolve, reject) => {
      this.#queue.add({ events, resolve, reject })
      this.#send()
    })
  }

  async read(request: ReadRequest): Promise<LogSlice> {
    this.#checkOpen()
    const { earliest, latest } = this.#bounds
    const after = Math.max(request.after, earliest)
    if (after >= latest) return { events: [], next: after }
    if (after >= this.#tail.before) return this.#tail.read({ ...request, after })
    const { maxBytes, maxEvents } = request
    const topics = request.topics ? [...request.topics] : null
    return this.#reader.read({ after, until: latest, topics, maxBytes, maxEvents })
  }

  async readAt(_partition: number, positions: readonly number[]): Promise<readonly StoredEvent[]> {
    this.#checkOpen()
    const { earliest, latest } = this.#bounds
    const sought = [...new Set(positions)].filter((position) => earliest < position && position <= latest)
    sought.sort((a, b) => a - b)
    const inTail = sought.findIndex((position) => position > this.#tail.before)
    const onDisk = inTail < 0 ? sought : sought.slice(0, inTail)
    // First: while the disk is read, the tail may let go of what it holds now.
    const newest = sought.slice(onDisk.length).map((position) => this.#tail.at(position))
    return onDisk.length === 0 ? newest : [...(await this.#reader.readAt(onDisk)), ...newest]
  }

  /** This process is the only one that appends. */
  async refresh(): Promise<void> {
    this.#checkOpen()
  }

  bounds(_partition: number): LogBounds {
    const { earliest, latest } = this.#bounds
    return { earliest, latest }
  }

  async positionBefore(_partition: number, timeMs: number): Promise<number> {
    this.#checkOpen()
    const { earliest, latest } = this.#bounds
    const position = await this.#reader.positionBefore(timeMs)
    return Math.min(Math.max(position ?? earliest, earliest), latest)
  }

  async placesOf(id: string, tenantIds: readonly TenantId[]): Promise<readonly LogPlace[]> {
    this.#checkOpen()
    return (await this.#questions.find(id, tenantIds)).map((position) => ({ partition: 0, position }))
  }

  onAppended(wake: () => void): () => void {
    const entry = { wake }
    this.#wakes.add(entry)
    return () => this.#wakes.delete(entry)
  }

  async dropBefore(timeMs: number): Promise<number> {
    this.#checkOpen()
    return new Promise((resolve, reject) => {
      this.#drops.push({ timeMs, count: 0, resolve, reject })
      // One after the other, so that each knows which steps are its own.
      if (this.#drops.length === 1) this.#post({ kind: 'drop', timeMs })
    })
  }

  async backupTo(file: string): Promise<void> {
    this.#checkOpen()
    if (existsSync(file)) throw new AppError('conflict', `${file} exists already; name a new file for the backup`)
    const thread = startThread(new URL('./log/log-backup.ts', import.meta.url), {
      name: 'tidings-log-backup',
      workerData: { directory: this.#directory, file },
    })
    const [refusal] = (await once(thread, 'message')) as [ThreadRefusal | null]
    if (refusal) throw errorOf(refusal)
  }

  connect(): LogConnection {
    const { port1, port2 } = new MessageChannel()
    this.#ports.add(port1)
    port1.on('close', () => this.#ports.delete(port1))
    // Nobody has to wait for it.
    port1.unref()
    return { directory: this.#directory, epoch: this.epoch, bounds: this.#bounds.memory, port: port2 }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (!this.#isIdle) await new Promise<void>((resolve) => (this.#idle = resolve))
    this.#wakes.clear()
    for (const port of this.#ports) port.close()
    // The writer last: who closes last takes the write-ahead log into the file, and the reader may not.
    await this.#reader.close()
    await this.#closeWriter()
  }

  async #closeWriter(): Promise<void> {
    if (this.#failure) return
    const exited = once(this.#writer, 'exit')
    this.#post({ kind: 'close' })
    await exited
  }

  get #isIdle(): boolean {
    return this.#queue.isEmpty && this.#drops.length === 0 && this.#questions.isIdle
  }

  #send(): void {
    for (let commit = this.#queue.next(); commit; commit = this.#queue.next()) {
      const { request, transfer } = commit.builder.build(this.#clock.now())
      this.#post({ kind: 'commit', request }, transfer)
    }
  }

  #answered(message: FromWriter): void {
    switch (message.kind) {
      case 'committed':
        this.#committed(this.#queue.answered(), message.result)
        break
      case 'commit-failed':
        for (const append of this.#queue.answered().appends) append.reject(errorOf(message.refusal))
        break
      case 'dropped':
        this.#dropped(message)
        break
      case 'drop-failed':
        this.#drops.shift()!.reject(errorOf(message.refusal))
        this.#nextDrop()
        break
      case 'found':
        this.#questions.answered(message.positions)
        break
      case 'find-failed':
        this.#questions.failed(errorOf(message.refusal))
        break
      case 'opened':
      case 'not-opened':
        throw new Error(`The log's writer said ${message.kind} twice.`)
      default:
        message satisfies never
    }
    this.#send()
    if (this.#isIdle) this.#idle?.()
  }

  #committed(commit: WaitingCommit, { appendedAtMs, latest, places, refused, durationMs }: CommitResult): void {
    const refusals = new Map(refused.map(({ append, indexes }) => [append, indexes]))
    const before = this.#bounds.latest
    let index = 0
    const results = commit.appends.map(({ events }, append): AppendResult => {
      const indexes = refusals.get(append)
      const start = index
      index += events.length
      if (indexes) return { kind: 'id-reused', indexes }
      const appended = events.map((event, i) => {
        const place = places[start + i]!
        if (place < 0) return { partition: 0, position: -place, isDuplicate: true }
        const { topic, tenantId, type, entityKey, isQuiet, head, tail } = event
        const position = { partition: 0, position: place }
        this.#tail.push({ ...position, topic, tenantId, type, entityKey, isQuiet, appendedAtMs, head, tail })
        return { ...position, isDuplicate: false }
      })
      return { kind: 'appended', events: appended }
    })
    this.#bounds.latest = latest
    for (const [append, result] of results.entries()) commit.appends[append]!.resolve(result)
    if (latest === before) return
    this.#observe?.({ events: latest - before, bytes: commit.builder.bytes, durationMs })
    for (const { wake } of this.#wakes) wake()
    for (const port of this.#ports) port.postMessage(null)
  }

  #dropped(step: { readonly earliest: number; readonly count: number; readonly isDone: boolean }): void {
    this.#bounds.earliest = step.earliest
    this.#tail.dropUntil(step.earliest)
    const drop = this.#drops[0]!
    drop.count += step.count
    if (!step.isDone) return
    this.#drops.shift()
    drop.resolve(drop.count)
    this.#nextDrop()
  }

  #nextDrop(): void {
    const next = this.#drops[0]
    if (next) this.#post({ kind: 'drop', timeMs: next.timeMs })
  }

  /** The writer's thread is gone through a bug: nothing can be acknowledged any more. */
  #fail(cause: unknown): void {
    this.#failure = new AppError('storage_unavailable', 'The event log has failed. Restart Tidings.', { cause })
    for (const { reject } of [...this.#queue.abandon(), ...this.#drops.splice(0)]) reject(this.#failure)
    this.#questions.failed(this.#failure)
    this.#idle?.()
  }

  #checkOpen(): void {
    if (this.#closing !== undefined)
      throw new AppError('shutting_down', 'The event log is closed because the server is stopping. Try again later.')
    if (this.#failure) throw this.#failure
  }

  #post(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    this.#writer.postMessage(message, transfer)
  }
}
