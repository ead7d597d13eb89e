import { Signal } from '../core/collection/signal.ts'
import type { Clock } from '../core/time/clock.ts'
import { droppedTo } from './dropped.ts'
import type { EventLog, LogSlice, ReadRequest } from './event-log.ts'

/** What its user has the loop do next. */
export type NextStep =
  | ({ readonly kind: 'read' } & Omit<ReadRequest, 'partition'>)
  /** Nothing is read before the promise has settled: a queue is full. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  /** Nothing is read for so many milliseconds, whatever is appended meanwhile. */
  | { readonly kind: 'pause'; readonly ms: number }
  | Rest

/** What to do while there is nothing to read. */
export type Rest =
  /** Look again at the next append or `wake`, or after `mostMs` milliseconds; null: however long that takes. */
  { readonly kind: 'wait'; readonly mostMs: number | null } | { readonly kind: 'end' }

export interface FollowedSlice extends LogSlice {
  /** The place that it was read after. */
  readonly after: number
  /** How far events after that place had been dropped by retention before they were read; `after` itself: none had. */
  readonly droppedTo: number
}

/** One reader's way through the log: where it reads, what becomes of the events, and when reading holds back. */
export interface Course {
  /** Asked before every read, also after a failed one: it goes on from wherever `take` has come to. */
  next(): NextStep
  /** Takes what was read. It is not called once the loop is stopped. */
  take(slice: FollowedSlice): void | Promise<void>
  /** There is nothing to read after the place now. When absent, the loop waits to be woken. */
  atEnd?(): Rest | Promise<Rest>
}

export interface FollowLoopDeps {
  readonly log: Pick<EventLog, 'read' | 'bounds' | 'onAppended'>
  readonly clock: Pick<Clock, 'schedule'>
  readonly partition: number
  /** Told of a step that failed, which is tried again after a while. Null: `run` rejects with what it failed with. */
  readonly onFailure: ((error: unknown) => void) | null
}

/** A log that could not be read is tried again after this. */
const retryMs = 1_000

const wait: Rest = { kind: 'wait', mostMs: null }

/**
 * Replay and live are this one loop: read after a place, and if there is nothing, wait to be woken. It listens for
 * appends from before its first read, so an append that comes while it reads is looked for afterwards. A wake-up
 * carries no data: one that is lost is made good by the next, and one too many finds nothing.
 */
export class FollowLoop {
  readonly #deps: FollowLoopDeps
  readonly #course: Course
  readonly #woken = new Signal()
  #isStopped = false
  #release = () => {}

  constructor(deps: FollowLoopDeps, course: Course) {
    this.#deps = deps
    this.#course = course
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Resolves when the course has ended, or the loop was stopped and what it was at is done. Called once. */
  async run(): Promise<void> {
    const { log, onFailure } = this.#deps
    const stopListening = log.onAppended(this.wake)
    try {
      while (!this.#isStopped) {
        try {
          if (await this.#hasEnded()) return
        } catch (error) {
          if (this.#isStopped) return
          if (!onFailure) throw error
          onFailure(error)
          await this.#pause(retryMs)
        }
      }
    } finally {
      stopListening()
    }
  }

  /** Has it look again, should it wait. */
  readonly wake = (): void => {
    this.#woken.wake()
  }

  stop(): void {
    this.#isStopped = true
    this.#woken.wake()
    this.#release()
  }

  /** Resolves when the promise has settled, whichever way, or the loop is stopped. */
  async until(promise: Promise<unknown>): Promise<void> {
    if (this.#isStopped) return
    await new Promise<void>((resolve) => {
      this.#release = resolve
      promise.then(
        () => resolve(),
        () => resolve(),
      )
    })
  }

  async #hasEnded(): Promise<boolean> {
    const next = this.#course.next()
    switch (next.kind) {
      case 'read':
        return this.#read(next)
      case 'hold':
        await this.until(next.until)
        return false
      case 'pause':
        await this.#pause(next.ms)
        return false
      case 'wait':
      case 'end':
        return this.#rest(next)
    }
  }

  async #read({ kind, ...place }: Extract<NextStep, { kind: 'read' }>): Promise<boolean> {
    const { log, partition } = this.#deps
    const { after } = place
    if (log.bounds(partition).latest <= after) return this.#restAtEnd()
    const slice = await log.read({ partition, ...place })
    if (this.#isStopped) return true
    await this.#course.take({ ...slice, after, droppedTo: droppedTo(after, slice, log.bounds(partition)) })
    if (slice.next <= after) return this.#restAtEnd()
    // Others get their turn between slices, however long the backlog is.
    await new Promise<void>((resolve) => setImmediate(resolve))
    return false
  }

  async #restAtEnd(): Promise<boolean> {
    return this.#rest((await this.#course.atEnd?.()) ?? wait)
  }

  async #rest(rest: Rest): Promise<boolean> {
    if (rest.kind === 'end' || this.#isStopped) return true
    const cancel = rest.mostMs === null ? null : this.#deps.clock.schedule(rest.mostMs, this.wake)
    await this.#woken.wait()
    cancel?.()
    return false
  }

  async #pause(ms: number): Promise<void> {
    let cancel = () => {}
    await this.until(
      new Promise<void>((resolve) => {
        cancel = this.#deps.clock.schedule(ms, resolve)
      }),
    )
    cancel()
  }
}
