import { AppError, type FieldError } from '../core/errors.ts'
import type { NewEvent } from '../core/event.ts'
import { type EventTypeRules, readEvent } from '../core/event-input.ts'
import { type JsonNode, parseJson } from '../core/json.ts'
import type { AppendResult, EventLog } from '../log/event-log.ts'

/** Events of one request that are all taken or none. */
const maxEventsPerRequest = 1_000
/** Bytes of one such request. */
export const maxRequestBytes = 16 * 1024 * 1024
/** Deep enough for any entity, shallow enough that no recursion suffers. */
const maxDepth = 64
/** Members and items in one request: bounds the work that a request can ask for. */
const maxMembers = 1_000_000
/** An array up to so many characters is taken apart in one scan. */
const openedLength = 1024 * 1024
/** Reports of one request: a thousand events can have more faults than anyone reads. */
const maxErrors = 1_000

export interface PublishedEvent {
  readonly id: string
  readonly topic: string
  readonly offset: string
  readonly duplicate: boolean
}

export interface PublisherDeps {
  readonly log: EventLog
  readonly typeOf: (type: string) => EventTypeRules | undefined
  readonly nowText: () => string
  readonly newId: () => string
  readonly offsetOf: (topic: string, partition: number, position: number) => string
  readonly observe: (outcome: { events: number; duplicates: number; refused: number }) => void
}

export type ReadLine =
  | { readonly ok: true; readonly event: NewEvent }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Step one of the data path: authenticate came before, then validate, deduplicate, append. It answers when all is durable. */
export class Publisher {
  readonly #deps: PublisherDeps

  constructor(deps: PublisherDeps) {
    this.#deps = deps
  }

  /**
   * Publishes one event or an array, in order, all or nothing.
   * @throws AppError `invalid_json`, `invalid_event` (every fault of the request), `id_reused`,
   * `payload_too_large`, `overloaded`, `storage_unavailable`
   */
  async publish(text: string): Promise<readonly PublishedEvent[]> {
    const node = parse(text)
    const nodes = node.kind === 'array' ? node.items : [node]
    const nowText = this.#deps.nowText()
    const isArray = node.kind === 'array'
    if (nodes.length > maxEventsPerRequest) {
      throw new AppError(
        'payload_too_large',
        `An array publishes up to ${maxEventsPerRequest} events; this one has ${nodes.length}. Send more of them as application/x-ndjson.`,
      )
    }
    const events: NewEvent[] = []
    const errors: FieldError[] = []
    for (const [index, item] of nodes.entries()) {
      const read = this.#read(item, isArray ? `/${index}` : '', nowText)
      if (read.ok) events.push(read.event)
      else if (errors.length < maxErrors) errors.push(...read.errors)
    }
    if (errors.length > 0) {
      this.#deps.observe({ events: 0, duplicates: 0, refused: nodes.length })
      throw new AppError(
        'invalid_event',
        'Nothing was published. Mend the faults in `errors` and send the request again.',
        {
          errors: errors.slice(0, maxErrors),
        },
      )
    }
    if (events.length === 0) return []
    const result = await this.#deps.log.append(events)
    if (result.kind === 'id-reused') {
      this.#deps.observe({ events: 0, duplicates: 0, refused: events.length })
      throw new AppError(
        'id_reused',
        'Nothing was published: an id was used before for another event of its tenant. Give each event an id of its own.',
        { errors: result.indexes.map((index) => reusedId(isArray ? `/${index}` : '')) },
      )
    }
    return this.published(events, result)
  }

  /** Reads one line of a stream. */
  readLine(text: string): ReadLine {
    try {
      return this.#read(parse(text), '', this.#deps.nowText())
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { ok: false, errors: [{ pointer: '', code: error.code, detail: error.message }] }
    }
  }

  append(events: readonly NewEvent[]): Promise<AppendResult> {
    return this.#deps.log.append(events)
  }

  published(events: readonly NewEvent[], result: Extract<AppendResult, { kind: 'appended' }>): PublishedEvent[] {
    let duplicates = 0
    const published = events.map((event, index) => {
      const { partition, position, isDuplicate } = result.events[index]!
      if (isDuplicate) duplicates += 1
      return {
        id: event.id,
        topic: event.topic,
        offset: this.#deps.offsetOf(event.topic, partition, position),
        duplicate: isDuplicate,
      }
    })
    this.#deps.observe({ events: events.length - duplicates, duplicates, refused: 0 })
    return published
  }

  #read(node: JsonNode, pointer: string, nowText: string): ReadLine {
    const { typeOf, newId } = this.#deps
    return readEvent(node, { pointer, typeOf, nowText, newId })
  }
}

export function reusedId(pointer: string): FieldError {
  return {
    pointer: `${pointer}/id`,
    code: 'id_reused',
    detail: 'This id was used before for another event of the tenant.',
  }
}

function parse(text: string): JsonNode {
  // What is in events stays opaque. Those of a large array do themselves, and `readEvent` takes them
  // apart one at a time: a second scan, but not the members of a thousand large events in memory at once.
  const materializeDepth = text.length <= openedLength && text.startsWith('[') ? 2 : 1
  const parsed = parseJson(text, { maxDepth, maxMembers, materializeDepth })
  if (parsed.ok) return parsed.node
  throw new AppError('invalid_json', `The body is not acceptable JSON: ${parsed.error.message}`)
}
