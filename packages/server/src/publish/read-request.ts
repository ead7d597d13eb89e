import { AppError, type FieldError } from '../core/errors.ts'
import type { NewEvent } from '../core/event/event.ts'
import { maxEventBytes, type ReadEventResult } from '../core/event/event-input.ts'
import { type JsonNode, parseJsonUpTo } from '../core/json/json.ts'
import { JsonItems } from '../core/json/json-items.ts'
import type { JsonError } from '../core/json/json-scanner.ts'

/** Events of one request that are all taken or none. */
const maxEventsPerRequest = 1_000
/** An event has white space and escapes around what counts. */
export const maxEventLength = maxEventBytes * 2
/** Deep enough for any entity, shallow enough that no recursion suffers. */
const maxDepth = 64
/** Members and items in one request: bounds the work that a request can ask for. */
const maxMembers = 1_000_000
/** Reports of one request: a thousand events can have more faults than anyone reads. */
const maxErrors = 1_000
/** Read before others get their turn, in UTF-16 units: a few milliseconds of work. */
const sliceLength = 256 * 1024

const caps = { maxDepth, maxMembers, materializeDepth: 1 } as const

export interface PublishRequest {
  readonly events: readonly NewEvent[]
  readonly errors: readonly FieldError[]
  /** Events given, faulty ones included. */
  readonly count: number
  /** Of the event at an index, in the request. */
  readonly pointerTo: (index: number) => string
}

export type ReadOne = (node: JsonNode, pointer: string) => ReadEventResult

/**
 * Reads a request: one event or an array of them. Others get their turn in between, however long it is.
 * @throws AppError `invalid_json`, `payload_too_large`
 */
export async function readRequest(text: string, readOne: ReadOne): Promise<PublishRequest> {
  const items = JsonItems.of(text, { ...caps, maxItemLength: maxEventLength })
  if (!items) return readSingle(text, readOne)
  const events: NewEvent[] = []
  const errors: FieldError[] = []
  const pointerTo = (index: number) => `/${index}`
  let pauseAt = sliceLength
  for (let item = items.next(); item.kind !== 'end'; item = items.next()) {
    if (item.kind === 'fault') {
      if (item.error.code !== 'too_long') throw invalidJson(item.error)
      // The rest of the body cannot change the outcome, so it is not read.
      errors.push(tooLarge(pointerTo(items.count)))
      return { events, errors: errors.slice(0, maxErrors), count: items.count + 1, pointerTo }
    }
    if (items.count > maxEventsPerRequest) throw tooMany()
    const read = readOne(item.node, pointerTo(items.count - 1))
    if (read.ok) events.push(read.event)
    else if (errors.length < maxErrors) errors.push(...read.errors)
    if (item.end >= pauseAt) {
      pauseAt = item.end + sliceLength
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }
  return { events, errors: errors.slice(0, maxErrors), count: items.count, pointerTo }
}

/** Reads one event; what in it is nested stays opaque. @throws AppError `invalid_json` */
export function readSingle(text: string, readOne: ReadOne): PublishRequest {
  const pointerTo = () => ''
  const parsed = parseJsonUpTo(text, maxEventLength, caps)
  if (!parsed.ok) {
    if (parsed.error.code !== 'too_long') throw invalidJson(parsed.error)
    return { events: [], errors: [tooLarge('')], count: 1, pointerTo }
  }
  const read = readOne(parsed.node, '')
  return { events: read.ok ? [read.event] : [], errors: read.ok ? [] : read.errors, count: 1, pointerTo }
}

function tooLarge(pointer: string): FieldError {
  return { pointer, code: 'too_large', detail: `An event may have ${maxEventBytes} bytes.` }
}

function tooMany(): AppError {
  return new AppError(
    'payload_too_large',
    `An array publishes up to ${maxEventsPerRequest} events; this one has more. Send more of them as application/x-ndjson.`,
  )
}

function invalidJson(error: JsonError): AppError {
  return new AppError('invalid_json', `The body is not acceptable JSON: ${error.message}`)
}
