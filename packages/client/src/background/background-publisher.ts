import { retryDelayMs } from '../backoff.ts'
import type { AnyCatalogue, CatalogueOf } from '../catalogue.ts'
import { InvalidAnswerError, TidingsError } from '../errors.ts'
import type { Http } from '../http.ts'
import type { Publishable, PublishedEvent } from '../publish.ts'
import { type AcceptedEntry, AcceptedEvents, type EventLimits } from './accepted-events.ts'
import { eventText } from './event-text.ts'
import { drainAtExit } from './exit-drain.ts'
import { judgeFailure } from './refused-entries.ts'

export interface PublisherOptions {
  /**
   * The server refused an event for good, as one that the catalogue does not allow. The others are not affected. It
   * is called for each such event, whether or not somebody awaits its `published`.
   */
  readonly onRefused: (refused: RefusedEvent) => void
  /** A batch could not be published now; the same one is tried again after `delayMs`. For your log. */
  readonly onRetry?: ((error: Error, delayMs: number) => void) | undefined
  /** Events of one request, 1 to 1,000; default 500. */
  readonly maxBatchEvents?: number | undefined
  /** Bytes of one request, up to 15 MiB; default 1 MiB. A larger event goes alone. */
  readonly maxBatchBytes?: number | undefined
  /** Milliseconds that an event may wait for others to go with it; default 5. */
  readonly maxDelayMs?: number | undefined
  /** Accepted events whose outcome is not known yet; default 10,000. At this cap `publish` waits. */
  readonly maxBufferedEvents?: number | undefined
  /** The same in bytes; default 32 MiB. */
  readonly maxBufferedBytes?: number | undefined
  /**
   * Node only: SIGTERM, SIGINT and SIGHUP end the process after what was accepted is published, or after this many
   * milliseconds; default 10,000. Not where your program handles the signal itself; 0: never.
   */
  readonly exitDrainMs?: number | undefined
}

export interface RefusedEvent {
  readonly id: string
  /** The event as JSON. */
  readonly text: string
  readonly error: Error
}

/** An event that is not lost any more, as long as the process lives. */
export interface AcceptedEvent {
  /** The event's own, or the one that it was given at acceptance. */
  readonly id: string
  /** Resolves when the event is durable; rejects with the refusal. Nobody has to await it. */
  readonly published: Promise<PublishedEvent>
}

/** Below the server's 16 MiB, for the array around the events. */
const mostBatchBytes = 15 * 1024 * 1024

/**
 * Publishes in the background, many events a request, in the order of acceptance:
 *
 *   const publisher = tidings.publisher({ onRefused: ({ id, error }) => log.error({ id, error }) })
 *   await publisher.publish({ tenantId: 29302, type: 'invoice.updated', entityId: '3817' })
 *   await publisher.close()
 *
 * An accepted event is sent until the server has stored or refused it, however long the server is away, and with the
 * same id each time. One request is under way at a time, so order holds. Its memory is bounded: at the cap `publish`
 * waits and `tryPublish` declines. A process that is killed loses what was accepted and not published: where that may
 * not be, keep the event in an outbox table until `published` resolves.
 */
export class BackgroundPublisher<C extends CatalogueOf<C> = AnyCatalogue> {
  readonly #http: Http
  readonly #options: PublisherOptions
  readonly #batch: EventLimits
  readonly #accepted: AcceptedEvents
  /** Calls that wait for room, in their order. */
  readonly #waiting: { readonly bytes: number; readonly admit: () => void }[] = []
  /** Calls that wait until nothing is left. */
  readonly #drains = new Set<() => void>()
  readonly #forgetExit: () => void
  #isRunning = false
  #isClosed = false
  /** Ends the wait for a fuller batch. */
  #hurry = new AbortController()

  /** @throws TypeError when a limit is out of its range */
  constructor(http: Http, options: PublisherOptions) {
    this.#http = http
    this.#options = options
    this.#batch = {
      events: within('maxBatchEvents', options.maxBatchEvents ?? 500, 1, 1_000),
      bytes: within('maxBatchBytes', options.maxBatchBytes ?? 1024 * 1024, 1, mostBatchBytes),
    }
    within('maxDelayMs', options.maxDelayMs ?? 5, 0, 60_000)
    this.#accepted = new AcceptedEvents({
      events: within('maxBufferedEvents', options.maxBufferedEvents ?? 10_000, 1, Number.MAX_SAFE_INTEGER),
      bytes: within('maxBufferedBytes', options.maxBufferedBytes ?? 32 * 1024 * 1024, 1, Number.MAX_SAFE_INTEGER),
    })
    const exitMs = within('exitDrainMs', options.exitDrainMs ?? 10_000, 0, 2 ** 31 - 1)
    this.#forgetExit = exitMs === 0 ? () => {} : drainAtExit(this, exitMs)
  }

  /** Accepted events whose outcome is not known yet. */
  get pending(): number {
    return this.#accepted.count
  }

  /**
   * Accepts an event; at the cap it waits for room, first come, first served.
   *
   * @throws TidingsError `closed`; SyntaxError when text that was given is not a JSON object; the signal's reason
   */
  async publish(event: Publishable<C>, { signal }: { signal?: AbortSignal } = {}): Promise<AcceptedEvent> {
    this.#refuseWhenClosed()
    const entry = draftOf(event as Publishable)
    if (!this.#mayEnter(entry.bytes)) return this.#afterOthers(entry, signal)
    return this.#accept(entry)
  }

  /** Accepts an event at once, or answers undefined at the cap: then it was not accepted. Throws as `publish`. */
  tryPublish(event: Publishable<C>): AcceptedEvent | undefined {
    this.#refuseWhenClosed()
    const entry = draftOf(event as Publishable)
    return this.#mayEnter(entry.bytes) ? this.#accept(entry) : undefined
  }

  /**
   * Resolves when everything that was accepted is published or refused. It waits for as long as the server is away:
   * the signal ends the wait, not the publishing.
   *
   * @throws the signal's reason
   */
  async drain({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.#accepted.count === 0 && this.#waiting.length === 0) return
    this.#hurry.abort()
    let done = () => {}
    let stop = () => {}
    try {
      await new Promise<void>((resolve, reject) => {
        done = resolve
        stop = () => reject(signal?.reason)
        this.#drains.add(done)
        signal?.addEventListener('abort', stop)
      })
    } finally {
      this.#drains.delete(done)
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Accepts nothing more, and drains. Calls that wait for room are still accepted. Throws as `drain`. */
  async close(options: { signal?: AbortSignal } = {}): Promise<void> {
    this.#isClosed = true
    await this.drain(options)
    this.#forgetExit()
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new TidingsError('closed', 'The publisher was closed. Make a new one to publish more.')
  }

  /** Whoever waits goes first: order is the order of the calls. */
  #mayEnter(bytes: number): boolean {
    return this.#waiting.length === 0 && this.#accepted.hasRoomFor(bytes)
  }

  #afterOthers(draft: EventDraft, signal: AbortSignal | undefined): Promise<AcceptedEvent> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const waiter = {
        bytes: draft.bytes,
        admit: () => {
          signal?.removeEventListener('abort', leave)
          resolve(this.#accept(draft))
        },
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(signal?.reason)
        this.#admit()
      }
      this.#waiting.push(waiter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  #accept(draft: EventDraft): AcceptedEvent {
    const { promise: published, resolve, reject } = promiseWithResolvers<PublishedEvent>()
    // Whoever does not await it hears of a refusal by `onRefused`.
    published.catch(() => {})
    this.#accepted.add({ ...draft, acceptedAtMs: this.#http.clock.now(), published: resolve, refused: reject })
    if (this.#accepted.fills(this.#batch)) this.#hurry.abort()
    if (!this.#isRunning) {
      this.#isRunning = true
      void this.#run()
    }
    return { id: draft.id, published }
  }

  async #run(): Promise<void> {
    let limits = this.#batch
    for (let failures = 0; this.#accepted.count > 0; ) {
      if (failures === 0) await this.#gather()
      const batch = this.#accepted.first(limits)
      let outcomes: readonly PublishedEvent[]
      try {
        outcomes = await this.#send(batch)
      } catch (error) {
        const failed = judgeFailure(error, batch)
        if (failed.kind === 'later') await this.#waitAfter(error, ++failures)
        else if (failed.kind === 'split') limits = { ...limits, events: Math.ceil(batch.length / 2) }
        else this.#refuse(failed.entries)
        continue
      }
      failures = 0
      limits = this.#batch
      for (const [index, entry] of batch.entries()) entry.published(outcomes[index]!)
      this.#settled(new Set(batch))
    }
    this.#isRunning = false
    for (const done of this.#drains) done()
  }

  /** Waits for others to come along, unless a batch is full or somebody waits for the end. */
  async #gather(): Promise<void> {
    const { maxDelayMs = 5 } = this.#options
    const { clock } = this.#http
    const delayMs = this.#accepted.oldest!.acceptedAtMs + maxDelayMs - clock.now()
    if (delayMs <= 0 || this.#drains.size > 0 || this.#isClosed || this.#accepted.fills(this.#batch)) return
    this.#hurry = new AbortController()
    await clock.pause(delayMs, this.#hurry.signal).catch(() => {})
  }

  async #send(batch: readonly AcceptedEntry[]): Promise<readonly PublishedEvent[]> {
    const { events } = await this.#http.json<{ events?: PublishedEvent[] }>({
      method: 'POST',
      path: '/v1/events',
      content: { type: 'application/json', body: `[${batch.map(({ text }) => text).join(',')}]` },
      isRepeatable: false,
    })
    if (events?.length === batch.length) return events
    throw new InvalidAnswerError(`${this.#http.base} did not answer each of ${batch.length} events`)
  }

  async #waitAfter(error: unknown, failures: number): Promise<void> {
    const delayMs = retryDelayMs(error, failures)
    const { onRetry } = this.#options
    const reason = error instanceof Error ? error : new Error(String(error))
    if (onRetry) queueMicrotask(() => onRetry(reason, delayMs))
    await this.#http.clock.pause(delayMs)
  }

  #refuse(entries: ReadonlyMap<AcceptedEntry, Error>): void {
    for (const [entry, error] of entries) {
      entry.refused(error)
      // By itself, so that what it throws is the program's and ends no publishing.
      queueMicrotask(() => this.#options.onRefused({ id: entry.id, text: entry.text, error }))
    }
    this.#settled(new Set(entries.keys()))
  }

  #settled(entries: ReadonlySet<AcceptedEntry>): void {
    this.#accepted.remove(entries)
    this.#admit()
  }

  /** An admitted event is accepted in the same turn: nobody enters between the two. */
  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#accepted.hasRoomFor(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift()
      next.admit()
    }
  }
}

type EventDraft = Pick<AcceptedEntry, 'id' | 'text' | 'bytes'>

function draftOf(event: Publishable): EventDraft {
  const { id, text } = eventText(event)
  return { id, text, bytes: encoder.encode(text).length }
}

const encoder = new TextEncoder()

/** `Promise.withResolvers`, which Node 20 does not have. */
function promiseWithResolvers<T>(): {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
} {
  let settle: { resolve(value: T): void; reject(error: Error): void } | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle! }
}

function within(name: string, value: number, min: number, max: number): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value
  throw new TypeError(`${name} must be a number from ${min} to ${max}`)
}
