import { crc32 } from 'node:zlib'
import type { TenantId } from '../ids/tenant-id.ts'
import type { StoredEvent } from './event.ts'

/**
 * A record batch holds neighbouring events of one topic.
 *
 *   batch   = version:u8 types records text
 *   types   = count:varint (bytes:varint utf8)*
 *   records = count:varint record*
 *   record  = step:varint          position minus the one before; the first: minus the batch's base
 *             flags:u8             bit 0: quiet
 *             tenant:varint        up to 2^63-1; all others are safe integers
 *             type:varint          index in types
 *             key:varint head:varint tail:varint   lengths in UTF-16 code units
 *             text:varint          length of the three together in bytes of UTF-8
 *   text    = (entityKey head tail)*               UTF-8, one after the other
 *
 * The texts stand together so that a whole batch is decoded with one call and cut in memory, which
 * makes a replay several times as fast as decoding string by string; the byte lengths let a single
 * event be taken out without decoding its neighbours.
 */
const formatVersion = 1
const quiet = 1

/** Where a batch stands: kept beside it, and covered by its checksum. */
export interface BatchPlace {
  readonly base: number
  readonly last: number
  readonly topic: number
  readonly appendedAtMs: number
  /** Further numbers that the store keeps with the batch: its links to the batches before it. */
  readonly links: readonly number[]
}

export interface RecordFields {
  readonly position: number
  readonly isQuiet: boolean
  readonly tenantId: TenantId
  readonly type: string
  readonly keyLength: number
  readonly headLength: number
  readonly tailLength: number
}

export class RecordBatchEncoder {
  readonly base: number
  #last: number
  #count = 0
  #records: Uint8Array = new Uint8Array(256)
  #recordsLength = 0
  readonly #types = new Map<string, number>()
  /** Ranges of the sources, joined where they touch. */
  readonly #texts: Uint8Array[] = []
  #source: Uint8Array | undefined
  #start = 0
  #end = 0
  #textLength = 0

  constructor(base: number) {
    this.base = base
    this.#last = base
  }

  get last(): number {
    return this.#last
  }

  get count(): number {
    return this.#count
  }

  /** @param source holds the event's text, `entityKey`, `head` and `tail`, from `start` to before `end`. */
  add(fields: RecordFields, source: Uint8Array, start: number, end: number): void {
    if (this.#recordsLength + maxRecordBytes > this.#records.length) this.#grow()
    const bytes = this.#records
    let at = writeVarint(bytes, this.#recordsLength, fields.position - this.#last)
    bytes[at++] = fields.isQuiet ? quiet : 0
    at = writeTenantId(bytes, at, fields.tenantId)
    at = writeVarint(bytes, at, this.#typeIndex(fields.type))
    at = writeVarint(bytes, at, fields.keyLength)
    at = writeVarint(bytes, at, fields.headLength)
    at = writeVarint(bytes, at, fields.tailLength)
    this.#recordsLength = writeVarint(bytes, at, end - start)
    this.#last = fields.position
    this.#count++
    this.#textLength += end - start
    if (this.#source === source && this.#end === start) {
      this.#end = end
    } else {
      this.#endRange()
      this.#source = source
      this.#start = start
      this.#end = end
    }
  }

  finish(): Uint8Array {
    this.#endRange()
    const types = [...this.#types.keys()].map((type) => new TextEncoder().encode(type))
    const head = new Uint8Array(1 + maxVarintBytes * (2 + types.length) + types.reduce((sum, t) => sum + t.length, 0))
    head[0] = formatVersion
    let at = writeVarint(head, 1, types.length)
    for (const type of types) {
      at = writeVarint(head, at, type.length)
      head.set(type, at)
      at += type.length
    }
    at = writeVarint(head, at, this.#count)
    const body = new Uint8Array(at + this.#recordsLength + this.#textLength)
    body.set(head.subarray(0, at))
    body.set(this.#records.subarray(0, this.#recordsLength), at)
    at += this.#recordsLength
    for (const text of this.#texts) {
      body.set(text, at)
      at += text.length
    }
    return body
  }

  #typeIndex(type: string): number {
    const known = this.#types.get(type)
    if (known !== undefined) return known
    this.#types.set(type, this.#types.size)
    return this.#types.size - 1
  }

  #endRange(): void {
    if (this.#source) this.#texts.push(this.#source.subarray(this.#start, this.#end))
    this.#source = undefined
  }

  #grow(): void {
    const grown = new Uint8Array(this.#records.length * 2)
    grown.set(this.#records)
    this.#records = grown
  }
}

/** Detects any altered byte of a batch, or a batch in another's place. */
export function batchChecksum(place: BatchPlace, body: Uint8Array): number {
  const numbers = Float64Array.of(place.base, place.last, place.topic, place.appendedAtMs, ...place.links)
  return crc32(body, crc32(new Uint8Array(numbers.buffer)))
}

/** Which part of a batch to decode, and what its events have in common. */
export interface DecodeRequest {
  readonly base: number
  readonly partition: number
  readonly topic: string
  readonly appendedAtMs: number
  /** Exclusive. */
  readonly after: number
  /** Inclusive. */
  readonly until: number
  readonly maxEvents: number
}

/** The events of a batch whose checksum was found right; a batch that does not parse is a bug. */
export function decodeRecordBatch(body: Uint8Array, request: DecodeRequest): StoredEvent[] {
  const { partition, topic, appendedAtMs, after, until, maxEvents } = request
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (buffer[0] !== formatVersion) throw new Error(`A record batch has format version ${buffer[0]}.`)
  const reader = new VarintReader(buffer, 1)
  const types: string[] = []
  for (let left = reader.next(); left > 0; left--) {
    const bytes = reader.next()
    types.push(buffer.toString('utf8', reader.at, reader.at + bytes))
    reader.at += bytes
  }
  const count = reader.next()
  const wanted: (RecordFields & { readonly textEnd: number })[] = []
  let position = request.base
  let textEnd = 0
  let wantedStart = 0
  for (let i = 0; i < count; i++) {
    position += reader.next()
    const flags = reader.nextByte()
    const tenantId = reader.nextTenantId()
    const type = types[reader.next()]!
    const keyLength = reader.next()
    const headLength = reader.next()
    const tailLength = reader.next()
    const textStart = textEnd
    textEnd += reader.next()
    if (position <= after || position > until || wanted.length >= maxEvents) continue
    if (wanted.length === 0) wantedStart = textStart
    wanted.push({
      position,
      isQuiet: (flags & quiet) !== 0,
      tenantId,
      type,
      keyLength,
      headLength,
      tailLength,
      textEnd,
    })
  }
  // All records are behind the reader now, so the texts start here.
  const text = buffer.toString('utf8', reader.at + wantedStart, reader.at + (wanted.at(-1)?.textEnd ?? 0))
  const events: StoredEvent[] = []
  let at = 0
  for (const { position, isQuiet, tenantId, type, keyLength, headLength, tailLength } of wanted) {
    const headAt = at + keyLength
    const tailAt = headAt + headLength
    const end = tailAt + tailLength
    events.push({
      partition,
      position,
      topic,
      tenantId,
      type,
      entityKey: text.substring(at, headAt),
      isQuiet,
      appendedAtMs,
      head: text.substring(headAt, tailAt),
      tail: text.substring(tailAt, end),
    })
    at = end
  }
  return events
}

const maxVarintBytes = 8
const maxTenantIdBytes = 9
const maxRecordBytes = 1 + 6 * maxVarintBytes + maxTenantIdBytes

/** Unsigned LEB128 of a safe integer. */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 0x8000_0000) {
    bytes[at++] = (value % 128) | 0x80
    value = Math.floor(value / 128)
  }
  while (value >= 0x80) {
    bytes[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  bytes[at++] = value
  return at
}

function writeTenantId(bytes: Uint8Array, at: number, value: TenantId): number {
  if (typeof value === 'number') return writeVarint(bytes, at, value)
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80
  bytes[at++] = Number(rest)
  return at
}

class VarintReader {
  at: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  nextByte(): number {
    return this.#bytes[this.at++]!
  }

  next(): number {
    let byte = this.#bytes[this.at++]!
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    let scale = 128
    do {
      byte = this.#bytes[this.at++]!
      value += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80)
    return value
  }

  nextTenantId(): TenantId {
    const start = this.at
    const value = this.next()
    if (value <= Number.MAX_SAFE_INTEGER) return value
    let exact = 0n
    for (let at = this.at - 1; at >= start; at--) exact = (exact << 7n) | BigInt(this.#bytes[at]! & 0x7f)
    return exact
  }
}
