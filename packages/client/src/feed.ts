import { retryDelayMs } from './backoff.ts'
import type { AnyCatalogue, CatalogueOf } from './catalogue.ts'
import { Checkpoint } from './checkpoint/checkpoint.ts'
import type { CheckpointOptions } from './checkpoint/checkpoint-store.ts'
import { SeenEvents } from './checkpoint/seen-events.ts'
import { InvalidAnswerError } from './errors.ts'
import { type ReceivedEvent, readEvent } from './event.ts'
import { type OnGap, passGap } from './gap.ts'
import { type Http, isPassing } from './http.ts'
import { itemTexts, memberTexts, toJson } from './json-text.ts'
import type { TenantId } from './tenant-id.ts'

/** What a page is asked for by. */
export interface FeedPageOptions {
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

export interface FeedOptions extends FeedPageOptions {
  /** Keeps how far the reader is. What is kept goes before `after`, which is where a new reader begins. */
  readonly checkpoint?: CheckpointOptions | undefined
  /** The position is older than the retention, so events are gone. Without it the feed ends with a `GapError`. */
  readonly onGap?: OnGap | undefined
}

export interface FeedPage<C extends CatalogueOf<C> = AnyCatalogue> {
  readonly events: readonly ReceivedEvent<C>[]
  /** Where to go on: it moves even when every event was filtered out. */
  readonly next: string
  /** The position before the earliest event there is. */
  readonly earliest: string
  /** `after` was older than the retention and moved to `earliest`: events between are gone. */
  readonly clamped: boolean
}

/** One page of a topic. With `wait` it is a long poll. */
export async function feedPage<C extends CatalogueOf<C> = AnyCatalogue>(
  http: Http,
  topic: string,
  options: FeedPageOptions = {},
): Promise<FeedPage<C>> {
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
  return readPage<C>(text, http.base)
}

/** Between two questions to which the answer is "nothing new". */
const shortestPollMs = 1_000

/**
 * A topic from a position on, for ever: `for await (const event of client.feed('invoices'))`. Survives restarts of the
 * server. An event is done when the loop asks for the next one: with `checkpoint` its position is then kept, and a
 * new process goes on there. What was under way at a crash comes again. Or keep `position` with your own data, in the
 * same transaction, and give it as `after`: then each event takes effect once.
 */
export class Feed<C extends CatalogueOf<C> = AnyCatalogue> implements AsyncIterable<ReceivedEvent<C>> {
  readonly topic: string
  readonly #http: Http
  readonly #options: FeedOptions
  readonly #checkpoint: Checkpoint | undefined
  readonly #seen = new SeenEvents()
  #position: string | undefined

  constructor(http: Http, topic: string, options: FeedOptions = {}) {
    this.#http = http
    this.topic = topic
    this.#options = options
    this.#position = options.after
    this.#checkpoint = options.checkpoint && new Checkpoint(options.checkpoint, http.clock)
  }

  /** The offset of the last event handed out, or further where the filter passed nothing. */
  get position(): string | undefined {
    return this.#position
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedEvent<C>> {
    await this.#begin()
    try {
      for await (const page of this.#everyPage()) yield* this.#handOut(page)
    } finally {
      await this.#checkpoint?.save()
    }
  }

  /** Reads up to the present end and then stops. */
  async *untilEnd(): AsyncGenerator<ReceivedEvent<C>> {
    await this.#begin()
    try {
      for (;;) {
        const page = await this.#page(0)
        const before = this.#position
        yield* this.#handOut(page)
        if (page.next === before || (page.events.length === 0 && page.next === page.earliest)) return
      }
    } finally {
      await this.#checkpoint?.save()
    }
  }

  /** Page by page, also those without events. A page is done when the next one is asked for. */
  async *pages(): AsyncGenerator<FeedPage<C>> {
    await this.#begin()
    try {
      for await (const page of this.#everyPage()) {
        yield page
        await this.#checkpoint?.note(page.next, page.events.length)
      }
    } finally {
      await this.#checkpoint?.save()
    }
  }

  async #begin(): Promise<void> {
    const kept = await this.#checkpoint?.load()
    if (kept !== undefined) this.#position = kept
  }

  async *#everyPage(): AsyncGenerator<FeedPage<C>> {
    const { clock } = this.#http
    const { signal } = this.#options
    for (let failures = 0; ; ) {
      let page: FeedPage<C>
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

  async #page(wait: number): Promise<FeedPage<C>> {
    const after = this.#position
    const limit = this.#options.limit ?? 500
    const page = await feedPage<C>(this.#http, this.topic, { ...this.#options, limit, wait, after })
    if (page.clamped && after !== undefined) await passGap({ topic: this.topic, after }, this.#options.onGap)
    return page
  }

  /** The position moves before the event is handed out: while it is being worked on, it is "the last one". */
  async *#handOut(page: FeedPage<C>): AsyncGenerator<ReceivedEvent<C>> {
    for (const event of page.events) {
      if (!this.#seen.isNew(event)) continue
      this.#position = event.offset
      yield event
      await this.#checkpoint?.note(event.offset, 1)
    }
    this.#position = page.next
    await this.#checkpoint?.note(page.next, 0)
    // The next page may be a long time coming.
    await this.#checkpoint?.save()
  }
}

/** What the catalogue says of the events is the server's word: nothing is checked here. */
function readPage<C extends CatalogueOf<C>>(text: string, base: string): FeedPage<C> {
  try {
    const members = memberTexts(text)
    return {
      events: itemTexts(members.get('events')!).map(readEvent) as unknown as readonly ReceivedEvent<C>[],
      next: JSON.parse(members.get('next')!),
      earliest: JSON.parse(members.get('earliest')!),
      clamped: members.get('clamped') === 'true',
    }
  } catch (error) {
    throw new InvalidAnswerError(`${base} did not answer with a page of events`, error)
  }
}
