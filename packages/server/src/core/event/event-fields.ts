import { type JsonNode, member, parseJson, withoutCaps } from '../json/json.ts'
import type { StoredEvent } from './event.ts'

/** The fields of `tail`, in its order. */
export const tailOrder = ['id', 'version', 'state', 'actor', 'attributes', 'data', 'changed'] as const

type StoredText = Pick<StoredEvent, 'head' | 'tail'>

/** An event's fields, read back from its stored text. Fields that were not given are null. */
export interface EventFields {
  /** RFC 3339, as published. */
  readonly time: string
  readonly entityId: string | null
  /** JSON text. */
  readonly keys: string | null
  readonly id: string
  /** JSON text: a number's digits, or a string with its quotes. */
  readonly version: string | null
  readonly state: string | null
  readonly actor: string | null
  /** JSON text. */
  readonly attributes: string | null
  /** JSON text. */
  readonly data: string | null
  /** JSON text. */
  readonly changed: string | null
}

// Many subscriptions, streams and filters look at one event; it is read once, and forgotten with it.
const known = new WeakMap<StoredText, LazyFields>()

/** Reads nothing until a field is asked for. The text is one that `readEvent` wrote. */
export function eventFields(event: StoredText): EventFields {
  return lazyFields(event)
}

/** The id alone, without reading the rest: for a search over many events. `id` is the first field of every tail. */
export function eventId({ tail }: Pick<StoredText, 'tail'>): string {
  const end = /^"id":"(?:[^"\\]|\\.)*"/.exec(tail)![0].length
  return JSON.parse(tail.slice('"id":'.length, end)) as string
}

/** One field of an event as a node, its members taken apart: what filters and projections walk through. */
export function eventNode(
  event: StoredText,
  name: 'keys' | 'version' | 'attributes' | 'data' | 'changed',
): JsonNode | undefined {
  return lazyFields(event).node(name)
}

function lazyFields(event: StoredText): LazyFields {
  let fields = known.get(event)
  if (!fields) {
    fields = new LazyFields(event)
    known.set(event, fields)
  }
  return fields
}

class LazyFields implements EventFields {
  readonly #event: StoredText
  #head: JsonNode | undefined
  #tail: JsonNode | undefined
  #nodes: Map<string, JsonNode> | undefined

  constructor(event: StoredText) {
    this.#event = event
  }

  get time(): string {
    return this.#string(member(this.head(), 'timestamp')) ?? ''
  }
  get entityId(): string | null {
    return this.#string(member(this.head(), 'entityId'))
  }
  get keys(): string | null {
    return member(this.head(), 'keys')?.text ?? null
  }
  get id(): string {
    return this.#string(member(this.tail(), 'id')) ?? ''
  }
  get version(): string | null {
    return this.#text('version')
  }
  get state(): string | null {
    return this.#string(member(this.tail(), 'state'))
  }
  get actor(): string | null {
    return this.#string(member(this.tail(), 'actor'))
  }
  get attributes(): string | null {
    return this.#text('attributes')
  }
  get data(): string | null {
    return this.#text('data')
  }
  get changed(): string | null {
    return this.#text('changed')
  }

  node(name: string): JsonNode | undefined {
    const opened = this.#nodes?.get(name)
    if (opened) return opened
    const node = member(name === 'keys' ? this.head() : this.tail(), name)
    if (!node) return undefined
    const open = openStored(node.text, Number.POSITIVE_INFINITY)
    this.#nodes ??= new Map()
    this.#nodes.set(name, open)
    return open
  }

  head(): JsonNode {
    this.#head ??= openStored(`{${this.#event.head}}`, 1)
    return this.#head
  }
  tail(): JsonNode {
    this.#tail ??= openStored(`{${this.#event.tail}}`, 1)
    return this.#tail
  }
  #text(name: string): string | null {
    return member(this.tail(), name)?.text ?? null
  }
  #string(node: JsonNode | undefined): string | null {
    return node?.kind === 'string' ? node.value : null
  }
}

function openStored(text: string, materializeDepth: number): JsonNode {
  const result = parseJson(text, { ...withoutCaps, materializeDepth })
  if (!result.ok) throw new Error(`A stored event is not the JSON that was published: ${result.error.message}`)
  return result.node
}

export interface NativePlace {
  /** The event's offset token. */
  readonly offset: string
  /** Absent in the feed and in test deliveries. */
  readonly sequence?: number | null
  /** Stands in the place of the event's own `data`, as JSON text; null: none is sent. */
  readonly data?: string | null
}

/**
 * The body of a `standard` delivery, without `sequence` an event of the feed, with its keys in the
 * order of contracts/native.md. Stored text is joined and never parsed, unless `data` is replaced.
 */
export function nativeEventText(
  event: Pick<StoredEvent, 'head' | 'tail' | 'topic'>,
  { offset, sequence, data }: NativePlace,
): string {
  const place = `"topic":${JSON.stringify(event.topic)},"offset":${JSON.stringify(offset)}`
  const numbered = sequence === undefined || sequence === null ? place : `${place},"sequence":${sequence}`
  return `{${event.head},${numbered},${data === undefined ? event.tail : tailWith(event, data)}}`
}

function tailWith(event: StoredText, data: string | null): string {
  const tail = lazyFields(event).tail()
  const parts: string[] = []
  for (const name of tailOrder) {
    const text = name === 'data' ? data : (member(tail, name)?.text ?? null)
    if (text !== null) parts.push(`"${name}":${text}`)
  }
  return parts.join()
}
