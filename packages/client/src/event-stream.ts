import { retryDelayMs } from './backoff.ts'
import { InvalidAnswerError, RefusedError, UnreachableError } from './errors.ts'
import { type ReceivedEvent, readEvent } from './event.ts'
import type { Http } from './http.ts'
import { toJson } from './json-text.ts'
import { readSse } from './sse.ts'
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
  readonly signal?: AbortSignal | undefined
  /** Called when the stream is open (again). */
  readonly onOpen?: (() => void) | undefined
  /** Called when it broke and will be tried again after `delayMs`. */
  readonly onBreak?: ((error: Error, delayMs: number) => void) | undefined
  /** What the server says besides events, as that a position was older than the retention. */
  readonly onNotice?: ((name: string, data: string) => void) | undefined
}

/**
 * Live events over SSE: `for await (const event of client.stream({ topics: ['invoices'] }))`. When
 * the connection breaks it is opened again from where it was. Keep `lastEventId` to go on after a
 * restart of your own.
 */
export class EventStream implements AsyncIterable<ReceivedEvent> {
  readonly #http: Http
  readonly #options: StreamOptions
  #lastEventId: string

  constructor(http: Http, options: StreamOptions) {
    this.#http = http
    this.#options = options
    this.#lastEventId = options.lastEventId ?? ''
  }

  /** A resume token over all topics; empty before the first event or checkpoint. */
  get lastEventId(): string {
    return this.#lastEventId
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedEvent> {
    const { signal, onBreak } = this.#options
    let serverDelayMs: number | undefined
    for (let failures = 0; ; ) {
      const stop = new AbortController()
      try {
        const body = await this.#open(signal ? AbortSignal.any([signal, stop.signal]) : stop.signal)
        for await (const part of readSse(body, this.#lastEventId)) {
          failures = 0
          if (part.kind === 'retry') serverDelayMs = part.delayMs
          else {
            this.#lastEventId = part.lastEventId
            if (part.kind === 'message') yield* this.#take(part.name, part.data)
          }
        }
        throw new UnreachableError('unreachable', 'the stream ended')
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        if (!mayReopen(error)) throw error
        const delayMs = reopenDelayMs(error, serverDelayMs, ++failures)
        onBreak?.(error instanceof Error ? error : new Error(String(error)), delayMs)
        await this.#http.clock.pause(delayMs, signal)
      } finally {
        stop.abort()
      }
    }
  }

  *#take(name: string, data: string): Generator<ReceivedEvent> {
    if (name === 'message') yield readEvent(data)
    // A checkpoint only moves the resume token, where nothing passed the filter.
    else if (name !== 'checkpoint') this.#options.onNotice?.(name, data)
  }

  async #open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { topics, types, tenants, filter, since, onOpen } = this.#options
    const response = await this.#http.send({
      path: '/v1/stream',
      query: {
        topics: topics?.join(','),
        types: types?.join(','),
        tenants: tenants?.join(','),
        ...(filter !== undefined && { filter: toJson(filter) }),
        ...(!this.#lastEventId && { since }),
      },
      headers: { accept: 'text/event-stream', ...(this.#lastEventId && { 'last-event-id': this.#lastEventId }) },
      isRepeatable: false,
      signal,
    })
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream'))
      throw new InvalidAnswerError(`${this.#http.base} did not answer with an event stream`)
    onOpen?.()
    return response.body
  }
}

/** A refusal of the request itself stays refused; everything else may pass. */
function mayReopen(error: unknown): boolean {
  if (error instanceof RefusedError) return error.status === 429 || error.status >= 500
  return !(error instanceof InvalidAnswerError) && !(error instanceof SyntaxError)
}

/** What the server asks for by `retry:` is kept within these: at 0 a stream that breaks again and again would spin. */
const reopenMs = { shortest: 1_000, longest: 86_400_000 }

function reopenDelayMs(error: unknown, serverDelayMs: number | undefined, failures: number): number {
  const isFirst = failures === 1 && !(error instanceof RefusedError)
  if (!isFirst || serverDelayMs === undefined) return retryDelayMs(error, failures)
  return Math.min(Math.max(serverDelayMs, reopenMs.shortest), reopenMs.longest)
}
