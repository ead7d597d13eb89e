import { InvalidAnswerError } from './errors.ts'
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
}

export interface PublishFault {
  readonly code: string
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
}

/** The outcome of one line, in the order of the lines. `line` counts from 1. */
export type PublishResult =
  | { readonly line: number; readonly ok: true; readonly event: PublishedEvent }
  | { readonly line: number; readonly ok: false; readonly error: PublishFault }

/** An event, or its JSON text (which keeps every digit). */
export type Publishable = NewEvent | RawJson | string

/**
 * Publishes one event or an array, all or nothing, in order; resolves when they are durable.
 * An event without `id` gets one here, so that a try which got no answer can be repeated without
 * publishing twice.
 */
export async function publish(
  http: Http,
  events: Publishable | readonly Publishable[],
  signal?: AbortSignal,
): Promise<readonly PublishedEvent[]> {
  const list = (Array.isArray(events) ? events : [events]) as readonly Publishable[]
  const isRepeatable = list.every((event) => typeof event === 'object' && !(event instanceof RawJson))
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
export async function* publishStream(
  http: Http,
  events: AsyncIterable<Publishable> | Iterable<Publishable>,
  signal?: AbortSignal,
): AsyncGenerator<PublishResult> {
  const stop = new AbortController()
  const source = new LineSource(events)
  const response = await http.send({
    method: 'POST',
    path: '/v1/events',
    content: { type: 'application/x-ndjson', body: source.body },
    headers: { accept: 'application/x-ndjson' },
    isRepeatable: false,
    // The answer begins with the first result, and the first event may be a long time coming.
    extraTimeMs: noDeadlineMs,
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  })
  if (!response.body) throw new InvalidAnswerError(`${http.base} answered a stream of events without a stream`)
  let line = 0
  try {
    for await (const text of textLines(response.body)) if (text !== '') yield readResult(text, ++line)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (source.failure) throw source.failure.error
    throw error instanceof InvalidAnswerError ? error : unreachable(error, http.base)
  } finally {
    stop.abort()
  }
  if (source.failure) throw source.failure.error
}

/** The longest timer there is: 24.8 days. */
const noDeadlineMs = 2 ** 31 - 1 - 600_000
/** Bytes a line may wait for its neighbours: one chunk per line would cost a system call each. */
const chunkSize = 64 * 1024

/** Lines as a request's body. Pulled, so the source is read only as the connection takes it. */
class LineSource {
  readonly body: ReadableStream<Uint8Array>
  failure: { readonly error: unknown } | undefined

  constructor(events: AsyncIterable<Publishable> | Iterable<Publishable>) {
    const chunks = gather(events)
    const encoder = new TextEncoder()
    this.body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          const { done, value } = await chunks.next()
          if (done) controller.close()
          else controller.enqueue(encoder.encode(value))
        } catch (error) {
          this.failure = { error }
          controller.error(error)
        }
      },
      cancel: async () => {
        await chunks.return(undefined)
      },
    })
  }
}

/** Joins lines that are there at once; what comes slowly goes out line by line. */
async function* gather(events: AsyncIterable<Publishable> | Iterable<Publishable>): AsyncGenerator<string, undefined> {
  if (!(Symbol.asyncIterator in events)) {
    let text = ''
    for (const event of events) {
      text += lineOf(event)
      if (text.length < chunkSize) continue
      yield text
      text = ''
    }
    if (text !== '') yield text
    return
  }
  const iterator = events[Symbol.asyncIterator]()
  try {
    let pending = iterator.next()
    for (let isDone = false; !isDone; ) {
      let text = ''
      const first = await pending
      if (first.done) return
      text += lineOf(first.value)
      pending = iterator.next()
      while (text.length < chunkSize) {
        const next = await Promise.race([pending, notYet()])
        if (next === undefined) break
        if (next.done) {
          isDone = true
          break
        }
        text += lineOf(next.value)
        pending = iterator.next()
      }
      yield text
    }
  } finally {
    await iterator.return?.()
  }
}

/** Loses a race against everything that is already there. */
async function notYet(): Promise<undefined> {
  for (let turn = 0; turn < 8; turn++) await undefined
}

function lineOf(event: Publishable): string {
  return `${textOf(event)}\n`
}

/** On one line: a line end within the text would cut it in two. */
function textOf(event: Publishable): string {
  return typeof event === 'string' ? event.replace(/[\r\n]+/g, ' ') : toJson(event).replace(/[\r\n]+/g, ' ')
}

function withId(event: NewEvent): NewEvent {
  return event.id === undefined ? { ...event, id: crypto.randomUUID() } : event
}

function readResult(text: string, line: number): PublishResult {
  let answer: PublishedEvent & { readonly error?: Partial<PublishFault> }
  try {
    answer = JSON.parse(text)
  } catch (error) {
    throw new InvalidAnswerError(`the answer to line ${line} is not JSON`, error)
  }
  if (!answer.error) return { line, ok: true, event: answer }
  const { code = 'unknown', detail = code, errors = [] } = answer.error
  return { line, ok: false, error: { code, detail, errors } }
}
