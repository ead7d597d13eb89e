import type { AnyCatalogue, CatalogueOf } from './catalogue.ts'
import { type FieldError, InvalidAnswerError, RefusedLineError, TidingsError, UnreachableError } from './errors.ts'
import type { NewEvent } from './event.ts'
import { type Http, unreachable } from './http.ts'
import { RawJson, toJson } from './json-text.ts'
import { textLines } from './text-lines.ts'

/** Where an event stands. `duplicate`: it had been published before, and this is the first one's place. */
export interface PublishedEvent {
  readonly id: string
  readonly topic: string
  readonly offset: string
  readonly duplicate: boolean
  /** False: no such tenant has been created yet. Absent: there is one. */
  readonly tenantKnown?: false
}

/** The outcome of one line, in the order of the lines. `line` counts from 1. */
export type PublishResult =
  | { readonly line: number; readonly ok: true; readonly event: PublishedEvent }
  | { readonly line: number; readonly ok: false; readonly error: RefusedLineError }

/** An event, or its JSON as text or UTF-8 (which keeps every digit). */
export type Publishable<C extends CatalogueOf<C> = AnyCatalogue> = NewEvent<C> | RawJson | string | Uint8Array

/**
 * Publishes one event or an array, all or nothing, in order; resolves when they are durable.
 * An event without `id` gets one here, so that a try which got no answer can be repeated without
 * publishing twice.
 */
export async function publish<C extends CatalogueOf<C> = AnyCatalogue>(
  http: Http,
  events: Publishable<C> | readonly Publishable<C>[],
  signal?: AbortSignal,
): Promise<readonly PublishedEvent[]> {
  const list = (Array.isArray(events) ? events : [events]) as readonly Publishable[]
  const isRepeatable = list.every(
    (event) => typeof event === 'object' && !(event instanceof RawJson || event instanceof Uint8Array),
  )
  const body = `[${list.map((event) => (isRepeatable ? toJson(withId(event as NewEvent)) : textOf(event))).join(',')}]`
  const answer = await http.json<{ events: PublishedEvent[] }>({
    method: 'POST',
    path: '/v1/events',
    // One event goes alone: a refusal then points at `/tenantId`, not at `/0/tenantId`.
    content: { type: 'application/json', body: Array.isArray(events) ? body : body.slice(1, -1) },
    isRepeatable,
    signal,
  })
  return answer.events
}

/**
 * Publishes any number of events over one request and yields each one's outcome as soon as it is
 * durable. Reads `events` no faster than the server takes them. A bad event does not stop the rest.
 * When the connection breaks, everything yielded is stored, and what was not yielded may be: events
 * with an `id` of their own can be published again without harm.
 *
 * In browsers use {@link publish}: they do not read an answer while the request is still going out.
 */
export async function* publishStream<C extends CatalogueOf<C> = AnyCatalogue>(
  http: Http,
  events: AsyncIterable<Publishable<C>> | Iterable<Publishable<C>>,
  signal?: AbortSignal,
): AsyncGenerator<PublishResult> {
  const stop = new AbortController()
  const source = new LineSource(events as AsyncIterable<Publishable> | Iterable<Publishable>)
  const response = await http.send({
    method: 'POST',
    path: '/v1/events',
    content: { type: 'application/x-ndjson', body: source.body },
    headers: { accept: 'application/x-ndjson' },
    isRepeatable: false,
    // The answer begins with the first result, and the first event may be a long time coming.
    extraTimeMs: Number.POSITIVE_INFINITY,
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  })
  if (!response.body) throw new InvalidAnswerError(`${http.base} answered a stream of events without a stream`)
  let line = 0
  try {
    for await (const text of textLines(response.body)) {
      if (text === '') continue
      const result = readResult(text, ++line)
      // More answers than lines: the last is about the stream itself.
      if (line > source.lines && !result.ok) throw new TidingsError(result.error.code, result.error.detail)
      yield result
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (source.failure) throw source.failure.error
    throw error instanceof TidingsError ? error : unreachable(error, http.base)
  } finally {
    stop.abort()
  }
  if (source.failure) throw source.failure.error
  if (line < source.lines)
    throw new UnreachableError('unreachable', `${http.base} ended its answer after line ${line} of ${source.lines}`)
}

/** Bytes of lines that go out together: one chunk per line would cost a system call each. */
const groupSize = 64 * 1024

/** Well under the 60 seconds after which the server gives up on a stream that sends nothing. */
const keepAliveMs = 20_000

/** Lines as a request's body. Pulled, so the source is read only as the connection takes it. */
class LineSource {
  readonly body: ReadableStream<Uint8Array>
  /** How many lines went out. */
  lines = 0
  failure: { readonly error: unknown } | undefined

  constructor(events: AsyncIterable<Publishable> | Iterable<Publishable>) {
    const groups = Symbol.asyncIterator in events ? gatherWaiting(events) : gather(events)
    this.body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await groups.next()
          if (done) return controller.close()
          this.lines += value.count
          controller.enqueue(value.bytes())
        } catch (error) {
          this.failure = { error }
          controller.error(error)
        }
      },
      cancel: async () => {
        await groups.return(undefined)
      },
    })
  }
}

/** Lines that go out together. */
class LineGroup {
  count = 0
  #length = 0
  readonly #parts: Uint8Array[] = []

  add(event: Publishable): void {
    const line =
      event instanceof Uint8Array ? event.map((byte) => (byte === 10 ? 32 : byte)) : encoder.encode(textOf(event))
    this.#parts.push(line, lineEnd)
    this.#length += line.length + 1
    this.count++
  }

  get isFull(): boolean {
    return this.#length >= groupSize
  }

  /** A blank line, which the server passes over, when there is none. */
  bytes(): Uint8Array {
    if (this.count === 0) return lineEnd
    const whole = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

const encoder = new TextEncoder()
const lineEnd = Uint8Array.of(10)

function* gather(events: Iterable<Publishable>): Generator<LineGroup, undefined> {
  let group = new LineGroup()
  for (const event of events) {
    group.add(event)
    if (!group.isFull) continue
    yield group
    group = new LineGroup()
  }
  if (group.count > 0) yield group
}

/** Joins lines that are there at once; what comes slowly goes out line by line, with blank lines against silence. */
async function* gatherWaiting(events: AsyncIterable<Publishable>): AsyncGenerator<LineGroup, undefined> {
  const iterator = events[Symbol.asyncIterator]()
  const next = () => {
    const pending = iterator.next()
    // A failure is met where it is awaited; until then it must not end the process.
    pending.catch(() => {})
    return pending
  }
  try {
    let pending = next()
    for (;;) {
      const group = new LineGroup()
      const first = await within(keepAliveMs, pending)
      if (first?.done) return
      if (first) {
        group.add(first.value)
        pending = next()
      }
      while (first && !group.isFull) {
        const more = await Promise.race([pending.catch(() => undefined), afterTurns()])
        if (more === undefined || more.done) break
        group.add(more.value)
        pending = next()
      }
      yield group
    }
  } finally {
    await iterator.return?.()
  }
}

/** Undefined when it takes longer. */
async function within<T>(ms: number, pending: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined)
  })
  try {
    return await Promise.race([pending, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Loses a race against everything that is already there. */
async function afterTurns(): Promise<undefined> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve()
}

/** On one line: a line end within the text would cut it in two. */
function textOf(event: Publishable): string {
  if (event instanceof Uint8Array) return new TextDecoder('utf-8', { fatal: true }).decode(event)
  return (typeof event === 'string' ? event : toJson(event)).replace(/[\r\n]+/g, ' ')
}

function withId(event: NewEvent): NewEvent {
  return event.id === undefined ? { ...event, id: crypto.randomUUID() } : event
}

function readResult(text: string, line: number): PublishResult {
  let answer: PublishedEvent & { readonly error?: { code?: string; detail?: string; errors?: readonly FieldError[] } }
  try {
    answer = JSON.parse(text)
  } catch (error) {
    throw new InvalidAnswerError(`the answer to line ${line} is not JSON`, error)
  }
  if (!answer.error) return { line, ok: true, event: answer }
  const { code = 'unknown', detail = code, errors = [] } = answer.error
  return { line, ok: false, error: new RefusedLineError(line, { code, detail, errors }) }
}
