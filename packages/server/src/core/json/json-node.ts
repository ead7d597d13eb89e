/**
 * JSON (RFC 8259, strictly) that keeps what was written: every digit, every escape, the order of
 * keys. Only insignificant white space goes. A key that occurs twice in one object is refused,
 * whichever way it is escaped, because two readers of such a text may see two different values.
 */
export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonBoolean | JsonNull

interface JsonText {
  /** Canonical: as written, without insignificant white space. */
  readonly text: string
}
export interface JsonObject extends JsonText {
  readonly kind: 'object'
  readonly members: readonly JsonMember[]
  /** It was validated but not taken apart: `members` is empty, `text` is whole. */
  readonly isOpaque: boolean
}
export interface JsonArray extends JsonText {
  readonly kind: 'array'
  readonly items: readonly JsonNode[]
  readonly isOpaque: boolean
}
export interface JsonString extends JsonText {
  readonly kind: 'string'
  readonly value: string
}
export interface JsonNumber extends JsonText {
  readonly kind: 'number'
}
export interface JsonBoolean extends JsonText {
  readonly kind: 'boolean'
  readonly value: boolean
}
export interface JsonNull extends JsonText {
  readonly kind: 'null'
}
export interface JsonMember {
  /** Unescaped. */
  readonly key: string
  /** As written, quotes included. */
  readonly keyText: string
  readonly value: JsonNode
}

/** The canonical text of one parse; nodes point into it and cut their text out only when asked. */
export interface Source {
  canonical: string
}

class Piece {
  readonly source: Source
  readonly start: number
  readonly end: number
  constructor(source: Source, start: number, end: number) {
    this.source = source
    this.start = start
    this.end = end
  }
  get text(): string {
    return this.source.canonical.slice(this.start, this.end)
  }
}

export class ObjectPiece extends Piece implements JsonObject {
  readonly kind = 'object'
  readonly members: readonly JsonMember[]
  readonly isOpaque: boolean
  constructor(source: Source, start: number, end: number, members: readonly JsonMember[], isOpaque: boolean) {
    super(source, start, end)
    this.members = members
    this.isOpaque = isOpaque
  }
}

export class ArrayPiece extends Piece implements JsonArray {
  readonly kind = 'array'
  readonly items: readonly JsonNode[]
  readonly isOpaque: boolean
  constructor(source: Source, start: number, end: number, items: readonly JsonNode[], isOpaque: boolean) {
    super(source, start, end)
    this.items = items
    this.isOpaque = isOpaque
  }
}

export class StringPiece extends Piece implements JsonString {
  readonly kind = 'string'
  readonly isEscaped: boolean
  constructor(source: Source, start: number, end: number, isEscaped: boolean) {
    super(source, start, end)
    this.isEscaped = isEscaped
  }
  get value(): string {
    if (this.isEscaped) return JSON.parse(this.text)
    return this.source.canonical.slice(this.start + 1, this.end - 1)
  }
}

export class NumberPiece extends Piece implements JsonNumber {
  readonly kind = 'number'
}

export class MemberPiece extends Piece implements JsonMember {
  readonly key: string
  readonly value: JsonNode
  constructor(source: Source, start: number, end: number, key: string, value: JsonNode) {
    super(source, start, end)
    this.key = key
    this.value = value
  }
  get keyText(): string {
    return this.text
  }
}
