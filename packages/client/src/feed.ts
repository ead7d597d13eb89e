import { retryDelayMs } from './backoff.ts'
import { InvalidAnswerError } from './errors.ts'
import { type ReceivedEvent, readEvent } from './event.ts'
import { type Http, isPassing } from './http.ts'
import { itemTexts, memberTexts, toJson } from './json-text.ts'
import type { TenantId } from './tenant-id.ts'

export interface FeedOptions {
  /** Go on after this offset. Without it: from the earliest event. */
  readonly after?: string | undefined
  /** Events a page, 1 to 1,000; default 500. */
  readonly limit?: number | undefined
  /** Seconds, up to 60, that the server may wait for an event before it answers with none; default 20. */
  readonly wait?: number | undefined
  /** Event patterns, as `invoice.*`. */
  readonly types?: readonly string[] | undefined
  readonly tenants?: readonly TenantId[] | undefined
  /** JSON match on event fields, as in subscriptions. */
  readonly filter?: unknown
  readonly signal?: AbortSignal | undefined
}

export interface FeedPage {
  readonly events: readonly ReceivedEvent[]
  /** Where to go on: it moves even when every event was filtered out. */
  readonly next: string
  /** The position before the earliest event there is. */
  readonly earliest: string
  /** `after` was older than the retention and moved to `earliest`: events between are gone. */
  readonly clamped: boolean
}

/** One page of a topic. With `wait` it is a long poll. */
export async function feedPage(http: Http, topic: string, options: FeedOptions = {}): Promise<FeedPage> {
  const { after, limit, wait = 0, types, tenants, filter, signal } = options
  const text = await http.text({
    path: `/v1/topics/${encodeURIComponent(topic)}/events`,
    query: {
      after,
      limit,
      wait: wait || undefined,
      types: types?.join(','),
      tenants: tenants?.join(','),
      ...(filter !== undefined && { filter: toJson(filter) }),
    },
    extraTimeMs: wait * 1_000,
    signal,
  })
  return readPage(text, http.base)
}

/** Between two questions to which the answer is "nothing new". */
const shortestPollMs = 1_000

/**
 * A topic from a position on, for ever: `for await (const event of client.feed('invoices'))`. Keep
 * `position` with your own data, in the same transaction, and give it as `after` to go on after a
 * restart. Survives restarts of the server.
 */
export class Feed implements AsyncIterable<ReceivedEvent> {
  readonly topic: string
  readonly #http: Http
  readonly #options: FeedOptions
  #position: string | undefined

  constructor(http: Http, topic: string, options: FeedOptions = {}) {
    this.#http = http
    this.topic = topic
    this.#options = options
    this.#position = options.after
  }

  /** The offset of the last event handed out, or further where the filter passed nothing. */
  get position(): string | undefined {
    return this.#position
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedEvent> {
    for await (const page of this.pages()) yield* this.#handOut(page)
  }

  /** Reads up to the present end and then stops. */
  async *untilEnd(): AsyncGenerator<ReceivedEvent> {
    for (;;) {
      const page = await this.#page(0)
      const before = this.#position
      yield* this.#handOut(page)
      if (page.next === before || (page.events.length === 0 && page.next === page.earliest)) return
    }
  }

  /** Page by page, also those without events. The caller's part to note `next`. */
  async *pages(): AsyncGenerator<FeedPage> {
    const { clock } = this.#http
    const { signal } = this.#options
    for (let failures = 0; ; ) {
      let page: FeedPage
      const [before, askedMs] = [this.#position, clock.now()]
      try {
        page = await this.#page(this.#options.wait ?? 20)
        failures = 0
      } catch (error) {
        if (!isPassing(error)) throw error
        await clock.pause(retryDelayMs(error, ++failures), signal)
        continue
      }
      yield page
      this.#position = page.next
      const isIdle = page.events.length === 0 && page.next === before
      // A long poll that comes back at once with nothing (from a cache, or of a proxy that does not wait).
      if (isIdle) await clock.pause(Math.max(0, askedMs + shortestPollMs - clock.now()), signal)
    }
  }

  async #page(wait: number): Promise<FeedPage> {
    return feedPage(this.#http, this.topic, {
      ...this.#options,
      limit: this.#options.limit ?? 500,
      wait,
      after: this.#position,
    })
  }

  /** The position moves before the event is handed out: while it is being worked on, it is "the last one". */
  *#handOut(page: FeedPage): Generator<ReceivedEvent> {
    for (const event of page.events) {
      this.#position = event.offset
      yield event
    }
    this.#position = page.next
  }
}

function readPage(text: string, base: string): FeedPage {
  try {
    const members = memberTexts(text)
    return {
      events: itemTexts(members.get('events')!).map(readEvent),
      next: JSON.parse(members.get('next')!),
      earliest: JSON.parse(members.get('earliest')!),
      clamped: members.get('clamped') === 'true',
    }
  } catch (error) {
    throw new InvalidAnswerError(`${base} did not answer with a page of events`, error)
  }
}
