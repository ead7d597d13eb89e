import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { AppError } from '../../../core/errors.ts'
import type { StoredEvent } from '../../../core/event/event.ts'
import type { LogSlice } from '../../../log/event-log.ts'
import { startThread } from '../../../process/thread.ts'
import type { FromReader, RowsRequest, ToReader } from './messages.ts'
import { errorOf } from './refusal.ts'
import { eventsOfRows, sliceOfRows } from './slice.ts'

/** Bodies of batches that one answer brings: positions that lie far apart take more answers, not a larger one (invariant 8). */
const bytesAtOnce = 1024 * 1024

interface Waiting {
  readonly answer: (message: FromReader) => void
  readonly reject: (error: unknown) => void
}

/**
 * Asks the reader's thread, as many questions at once as come. It starts with the first one, and again with the
 * next one after it broke: on a failing disk not even its program can be read.
 */
export class ReaderThread {
  readonly #directory: string
  #thread: Worker | undefined
  readonly #waiting = new Map<number, Waiting>()
  #lastNumber = 0
  #idle: (() => void) | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  read(request: RowsRequest): Promise<LogSlice> {
    return this.#ask(
      (number) => ({ kind: 'rows', number, request }),
      (message) => (message.kind === 'rows' ? sliceOfRows(request, message.result) : undefined),
    )
  }

  /** @param positions ascending */
  async readAt(positions: readonly number[]): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = []
    for (let left = positions; left.length > 0; ) {
      const request = { positions: left, maxBytes: bytesAtOnce }
      const result = await this.#ask(
        (number) => ({ kind: 'at', number, request }),
        (message) => (message.kind === 'at' ? message.result : undefined),
      )
      events.push(...eventsOfRows(left, result))
      left = left.slice(result.done)
    }
    return events
  }

  positionBefore(timeMs: number): Promise<number | null> {
    return this.#ask(
      (number) => ({ kind: 'position-before', number, timeMs }),
      (message) => (message.kind === 'position-before' ? message.position : undefined),
    )
  }

  /** Waits for the answers under way. */
  async close(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    if (!this.#thread) return
    const exited = once(this.#thread, 'exit')
    this.#thread.postMessage({ kind: 'close' } satisfies ToReader)
    await exited
  }

  #ask<T>(question: (number: number) => ToReader, answerOf: (message: FromReader) => T | undefined): Promise<T> {
    const number = ++this.#lastNumber
    return new Promise((resolve, reject) => {
      const answer = (message: FromReader) => {
        if (message.kind === 'failed') return reject(errorOf(message.refusal))
        resolve(answerOf(message) as T)
      }
      this.#waiting.set(number, { answer, reject })
      this.#started().postMessage(question(number))
    })
  }

  #started(): Worker {
    if (!this.#thread) {
      this.#thread = startThread(new URL('./log-reader.ts', import.meta.url), {
        name: 'tidings-log-reader',
        workerData: { directory: this.#directory },
      })
      this.#thread.on('message', (message: FromReader) => this.#answered(message))
      this.#thread.on('error', (cause) => this.#broke(cause))
    }
    return this.#thread
  }

  #answered(message: FromReader): void {
    const { answer, reject } = this.#waiting.get(message.number)!
    this.#waiting.delete(message.number)
    try {
      answer(message)
    } catch (error) {
      reject(error)
    }
    if (this.#waiting.size === 0) this.#idle?.()
  }

  #broke(cause: unknown): void {
    this.#thread = undefined
    const reason = cause instanceof Error ? cause.message : String(cause)
    const failure = new AppError('storage_unavailable', `the reader of the event log broke, try again (${reason})`, {
      retryAfterSeconds: 5,
      cause,
    })
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(failure)
    this.#idle?.()
  }
}
