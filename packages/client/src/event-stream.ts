import { retryDelayMs } from './backoff.ts'
import type { AnyCatalogue, CatalogueOf } from './catalogue.ts'
import { Checkpoint } from './checkpoint/checkpoint.ts'
import type { CheckpointOptions } from './checkpoint/checkpoint-store.ts'
import { SeenEvents } from './checkpoint/seen-events.ts'
import { InvalidAnswerError, RefusedError, UnreachableError } from './errors.ts'
import { type ReceivedEvent, readEvent } from './event.ts'
import { type OnGap, passGap } from './gap.ts'
import type { Http } from './http.ts'
import { chunksWithin } from './idle-limit.ts'
import { toJson } from './json-text.ts'
import { readSse, type SseMessage } from './sse.ts'
import type { TenantId } from './tenant-id.ts'

export interface StreamOptions {
  /** Default: all. */
  readonly topics?: readonly string[] | undefined
  /** The `lastEventId` of an earlier stream over the same topics. Without it: live from now. */
  readonly lastEventId?: string | undefined
  /** Event patterns, as `invoice.*`. */
  readonly types?: readonly string[] | undefined
  readonly tenants?: readonly TenantId[] | undefined
  /** JSON match on event fields, as in subscriptions. */
  readonly filter?: unknown
  /** Begin with what was appended at or after this time, RFC 3339; `lastEventId` goes before it. */
  readonly since?: string | undefined
  /** Keeps how far the reader is. What is kept goes before `lastEventId` and `since`, where a new reader begins. */
  readonly checkpoint?: CheckpointOptions | undefined
  /**
   * Milliseconds without a byte after which the connection is taken for dead; default 60,000. The server says
   * something every 15 seconds.
   */
  readonly idleTimeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called when the stream is open (again). */
  readonly onOpen?: (() => void) | undefined
  /** Called when it broke and will be tried again after `delayMs`. */
  readonly onBreak?: ((error: Error, delayMs: number) => void) | undefined
  /** The position is older than the retention, so events are gone. Without it the stream ends with a `GapError`. */
  readonly onGap?: OnGap | undefined
}

/** An open stream, and where it began. */
interface Connection {
  readonly body: ReadableStream<Uint8Array>
  readonly after: string
}

/**
 * Live events over SSE: `for await (const event of client.stream({ topics: ['invoices'] }))`. When the connection
 * breaks it is opened again from where it was. An event is done when the loop asks for the next one: with `checkpoint`
 * its place is then kept, and a new process goes on there; what was under way at a crash comes again.
 *
 * A server that is about to stop may say `event: draining`. The next connection is then opened while the present one
 * is read to its end, and what both carry is handed out once.
 */
export class EventStream<C extends CatalogueOf<C> = AnyCatalogue> implements AsyncIterable<ReceivedEvent<C>> {
  readonly #http: Http
  readonly #options: StreamOptions
  readonly #checkpoint: Checkpoint | undefined
  readonly #seen = new SeenEvents()
  #lastEventId: string
  /** The connection carries again what another one has carried. */
  #isRepeating = false
  /** Opened while the present one is read to its end; resolves with undefined when that failed. */
  #successor: Promise<Connection | undefined> | undefined

  #handedOverAtMs = Number.NEGATIVE_INFINITY

  constructor(http: Http, options: StreamOptions) {
    this.#http = http
    this.#options = options
    this.#lastEventId = options.lastEventId ?? ''
    this.#checkpoint = options.checkpoint && new Checkpoint(options.checkpoint, http.clock)
  }

  /** A resume token over all topics; empty before the first event or checkpoint. */
  get lastEventId(): string {
    return this.#lastEventId
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedEvent<C>> {
    const kept = await this.#checkpoint?.load()
    if (kept !== undefined) this.#lastEventId = kept
    const stop = new AbortController()
    const { signal } = this.#options
    try {
      yield* this.#follow(signal ? AbortSignal.any([signal, stop.signal]) : stop.signal)
    } finally {
      stop.abort()
      await this.#checkpoint?.save()
    }
  }

  /** Connection after connection. */
  async *#follow(ending: AbortSignal): AsyncGenerator<ReceivedEvent<C>> {
    const { signal, onBreak } = this.#options
    let serverDelayMs: number | undefined
    for (let failures = 0; ; ) {
      try {
        const connection = (await this.#takeSuccessor()) ?? (await this.#open(ending))
        this.#isRepeating = connection.after !== this.#lastEventId
        const chunks = chunksWithin(connection.body, this.#options.idleTimeoutMs ?? 60_000, this.#http.base)
        for await (const parts of readSse(chunks, this.#lastEventId)) {
          failures = 0
          for (const part of parts) {
            if (part.kind === 'retry') serverDelayMs = part.delayMs
            else if (part.kind === 'progress') await this.#moveTo(part.lastEventId)
            else yield* this.#take(part, ending)
          }
          // The next ones may be a long time coming.
          await this.#checkpoint?.save()
        }
        throw new UnreachableError('unreachable', 'the stream ended')
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        if (!mayReopen(error)) throw error
        if (this.#successor && this.#mayHandOver()) continue
        const delayMs = reopenDelayMs(error, serverDelayMs, ++failures)
        onBreak?.(error, delayMs)
        await this.#http.clock.pause(delayMs, signal)
      }
    }
  }

  /** Once a second at most: a server that drains again and again would else be asked without a pause. */
  #mayHandOver(): boolean {
    const nowMs = this.#http.clock.now()
    const isAllowed = nowMs - this.#handedOverAtMs >= reopenMs.shortest
    if (isAllowed) this.#handedOverAtMs = nowMs
    return isAllowed
  }

  /** What was opened while the last connection was read to its end; undefined: nothing. */
  async #takeSuccessor(): Promise<Connection | undefined> {
    const successor = await this.#successor
    this.#successor = undefined
    return successor
  }

  async *#take({ name, data, lastEventId }: SseMessage, ending: AbortSignal): AsyncGenerator<ReceivedEvent<C>> {
    if (name === 'message') yield* this.#handOut(readEvent(data) as ReceivedEvent<C>, lastEventId)
    // A checkpoint only moves the resume token, where nothing passed the filter.
    else if (name === 'checkpoint') await this.#moveTo(lastEventId)
    else if (name === 'clamped') await passGap({ topic: undefined, after: this.#lastEventId }, this.#options.onGap)
    else if (name === 'draining') this.#successor ??= this.#open(ending).catch(() => undefined)
  }

  /** The token moves before the event is handed out: while it is being worked on, it is "the last one". */
  async *#handOut(event: ReceivedEvent<C>, lastEventId: string): AsyncGenerator<ReceivedEvent<C>> {
    if (!this.#seen.isNew(event)) {
      if (this.#seen.isLast(event)) this.#isRepeating = false
      return
    }
    this.#isRepeating = false
    this.#lastEventId = lastEventId
    yield event
    await this.#checkpoint?.note(lastEventId, 1)
  }

  /** Not while a connection repeats: its tokens are behind what was handed out. */
  async #moveTo(lastEventId: string): Promise<void> {
    if (this.#isRepeating) return
    this.#lastEventId = lastEventId
    await this.#checkpoint?.note(lastEventId, 0)
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const { topics, types, tenants, filter, since, onOpen } = this.#options
    const after = this.#lastEventId
    const response = await this.#http.send({
      path: '/v1/stream',
      query: {
        topics: topics?.join(','),
        types: types?.join(','),
        tenants: tenants?.join(','),
        ...(filter !== undefined && { filter: toJson(filter) }),
        ...(!after && { since }),
      },
      headers: { accept: 'text/event-stream', ...(after && { 'last-event-id': after }) },
      isRepeatable: false,
      signal,
    })
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream'))
      throw new InvalidAnswerError(`${this.#http.base} did not answer with an event stream`)
    onOpen?.()
    return { body: response.body, after }
  }
}

/** No answer, or one that may be another later. A refusal of the request, a gap, or a store that fails ends the stream. */
function mayReopen(error: unknown): error is RefusedError | UnreachableError {
  if (error instanceof RefusedError) return error.status === 429 || error.status >= 500
  return error instanceof UnreachableError
}

/** What the server asks for by `retry:` is kept within these: at 0 a stream that breaks again and again would spin. */
const reopenMs = { shortest: 1_000, longest: 86_400_000 }

function reopenDelayMs(error: unknown, serverDelayMs: number | undefined, failures: number): number {
  const isFirst = failures === 1 && !(error instanceof RefusedError)
  if (!isFirst || serverDelayMs === undefined) return retryDelayMs(error, failures)
  return Math.min(Math.max(serverDelayMs, reopenMs.shortest), reopenMs.longest)
}
