import type { MessagePort } from 'node:worker_threads'
import { AppError } from '../../../core/errors.ts'
import type { StoredEvent } from '../../../core/event/event.ts'
import type { LogBounds, LogReading, LogSlice, ReadRequest } from '../../../log/event-log.ts'
import { ConnectedRows } from './connected-rows.ts'
import { SharedBounds } from './shared-bounds.ts'
import { eventsOfRows, sliceOfRows } from './slice.ts'

/** Bodies of batches that one look brings: positions that lie far apart take more looks, not a larger one (invariant 8). */
const bytesAtOnce = 1024 * 1024

/** What another thread needs to read the log of this process. Structured clone; the port is transferred. */
export interface LogConnection {
  readonly directory: string
  readonly epoch: number
  /** `SharedBounds`. */
  readonly bounds: SharedArrayBuffer
  /** A message without data after each commit. */
  readonly port: MessagePort
}

/**
 * The log for another thread than the one that owns it. It reads the file itself, in this thread, so that no event
 * crosses threads; only that there is something new is told.
 */
export class AttachedLog implements LogReading {
  readonly epoch: number
  readonly #bounds: SharedBounds
  readonly #rows: ConnectedRows
  readonly #port: MessagePort
  readonly #wakes = new Set<{ readonly wake: () => void }>()
  #isClosed = false

  constructor({ directory, epoch, bounds, port }: LogConnection) {
    this.epoch = epoch
    this.#bounds = new SharedBounds(bounds)
    this.#rows = new ConnectedRows(directory)
    this.#port = port
    port.on('message', () => {
      for (const { wake } of this.#wakes) wake()
    })
  }

  async read({ after: asked, topics, maxBytes, maxEvents }: ReadRequest): Promise<LogSlice> {
    this.#checkOpen()
    const { earliest, latest } = this.#bounds
    const after = Math.max(asked, earliest)
    if (after >= latest) return { events: [], next: after }
    const request = { after, until: latest, topics: topics ? [...topics] : null, maxBytes, maxEvents }
    return sliceOfRows(
      request,
      this.#rows.ask((rows) => rows.read(request)),
    )
  }

  async readAt(_partition: number, positions: readonly number[]): Promise<readonly StoredEvent[]> {
    this.#checkOpen()
    const { earliest, latest } = this.#bounds
    let left = [...new Set(positions)].filter((position) => earliest < position && position <= latest)
    left.sort((a, b) => a - b)
    const events: StoredEvent[] = []
    while (left.length > 0) {
      const request = { positions: left, maxBytes: bytesAtOnce }
      const result = this.#rows.ask((rows) => rows.readAt(request))
      events.push(...eventsOfRows(left, result))
      left = left.slice(result.done)
    }
    return events
  }

  /** The bounds are the same memory as the owner's. */
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
    const position = this.#rows.ask((rows) => rows.positionBefore(timeMs))
    return Math.min(Math.max(position ?? earliest, earliest), latest)
  }

  onAppended(wake: () => void): () => void {
    const entry = { wake }
    this.#wakes.add(entry)
    return () => this.#wakes.delete(entry)
  }

  /** Reads no more; the log itself is its owner's to close. */
  close(): void {
    this.#isClosed = true
    this.#wakes.clear()
    this.#rows.close()
    this.#port.close()
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new AppError('shutting_down', 'The event log is closed because the server is stopping.')
  }
}
