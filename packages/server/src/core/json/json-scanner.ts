import {
  ArrayPiece,
  type JsonBoolean,
  type JsonMember,
  type JsonNode,
  type JsonNull,
  MemberPiece,
  NumberPiece,
  ObjectPiece,
  type Source,
  StringPiece,
} from './json-node.ts'
import { pointerTo } from './json-pointer.ts'

export interface ParseOptions {
  /** Containers within containers, 1 to 1,000; default 64. A lone `[]` is one deep. */
  readonly maxDepth?: number
  /** Members and items in the whole text; default 50,000. */
  readonly maxMembers?: number
  /** Members of one object; default 10,000: telling them apart takes memory, which items and depth do not. */
  readonly maxWidth?: number
  /**
   * Containers this deep (the root is at 0) and deeper become opaque: validated in full, but not
   * taken apart. Default: none. What is below stays as fast as a scan, whatever its size.
   */
  readonly materializeDepth?: number
}

export interface JsonError {
  readonly code: 'syntax' | 'duplicate_key' | 'too_deep' | 'too_many_members' | 'too_long' | 'trailing'
  /** UTF-16 units from the start of the text. */
  readonly offset: number
  readonly message: string
  /** JSON Pointer to the value in which it happened; to the second of two equal keys. */
  readonly pointer: string
}

// The scanner recurses once for each level, so this bounds the stack.
const deepest = 1_000

const trueNode: JsonBoolean = { kind: 'boolean', value: true, text: 'true' }
const falseNode: JsonBoolean = { kind: 'boolean', value: false, text: 'false' }
const nullNode: JsonNull = { kind: 'null', text: 'null' }
/** Stands for anything valid within an opaque container. */
const skipped: JsonNode = nullNode
const none: readonly never[] = []

// Up to here comparing with each key so far is faster than a set.
const fewKeys = 16

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openArray = 0x5b
const backslash = 0x5c
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

const wholeText = { start: 0, limit: Number.POSITIVE_INFINITY } as const

/** One pass over one text; see `parseJson`. */
export class Scanner {
  readonly #text: string
  readonly #maxDepth: number
  readonly #maxMembers: number
  readonly #maxWidth: number
  readonly #materializeDepth: number
  readonly #source: Source = { canonical: '' }
  #at: number
  readonly #limit: number
  /** White space dropped so far: an index less this is an index into the canonical text. */
  #dropped: number
  /** Where the text begins that is not yet in `canonical`. */
  #pending: number
  #members = 0
  /** Keys of the open objects, innermost last. */
  readonly #keys: string[] = []
  #fault: { code: JsonError['code']; offset: number; message: string } | undefined
  /** Innermost first: filled while a fault unwinds. */
  readonly #path: (string | number)[] = []

  /** `part`: reads the one value that begins at `start`, and refuses it once it goes on behind `limit`. */
  constructor(text: string, options: ParseOptions, part: { start: number; limit: number } = wholeText) {
    this.#text = text
    this.#at = part.start
    this.#pending = part.start
    this.#dropped = part.start
    this.#limit = part.limit
    this.#maxDepth = Math.min(options.maxDepth ?? 64, deepest)
    this.#maxMembers = options.maxMembers ?? 50_000
    this.#maxWidth = options.maxWidth ?? 10_000
    this.#materializeDepth = options.materializeDepth ?? Number.POSITIVE_INFINITY
  }

  document(): JsonNode | undefined {
    const node = this.#value(0, true)
    if (!node) return undefined
    if (this.#at > this.#limit) return this.#failLength()
    const end = this.#at
    this.#next()
    if (this.#at < this.#text.length) return this.#fail('trailing', 'There is more after the end of the JSON value.')
    // When white space stood at the end, `next` has moved all before it already.
    this.#source.canonical += this.#pending > end ? '' : this.#text.slice(this.#pending, end)
    return node
  }

  /** One value and nothing of what stands after it, which is the caller's. */
  value(): JsonNode | undefined {
    const node = this.#value(0, true)
    if (!node) return undefined
    if (this.#at > this.#limit) return this.#failLength()
    this.#source.canonical += this.#text.slice(this.#pending, this.#at)
    return node
  }

  /** Where the value ends in the text. */
  get end(): number {
    return this.#at
  }

  /** Members and items of the value. */
  get members(): number {
    return this.#members
  }

  error(): JsonError {
    const pointer = this.#path.reduceRight<string>(pointerTo, '')
    return { ...this.#fault!, pointer }
  }

  #fail(code: JsonError['code'], message: string, offset = this.#at): undefined {
    this.#fault = { code, message, offset }
    return undefined
  }

  #failSyntax(expected: string, offset = this.#at): undefined {
    const found = offset < this.#text.length ? JSON.stringify(this.#text[offset]) : 'the end'
    return this.#fail('syntax', `Expected ${expected}, found ${found}.`, offset)
  }

  /** Steps over white space; the code of what comes then, or NaN at the end. */
  #next(): number {
    const code = this.#text.charCodeAt(this.#at)
    return code > 0x20 ? code : this.#nextAfterSpace()
  }

  #nextAfterSpace(): number {
    const start = this.#at
    let at = start
    let code = this.#text.charCodeAt(at)
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.#text.charCodeAt(++at)
    if (at > start) {
      this.#source.canonical += this.#text.slice(this.#pending, start)
      this.#pending = at
      this.#dropped += at - start
      this.#at = at
    }
    return code
  }

  #value(depth: number, isKept: boolean): JsonNode | undefined {
    switch (this.#next()) {
      case quote: {
        const start = this.#at - this.#dropped
        const escaped = this.#string()
        if (escaped === undefined) return undefined
        return isKept ? new StringPiece(this.#source, start, this.#at - this.#dropped, escaped) : skipped
      }
      case openObject:
        return depth < this.#maxDepth ? this.#object(depth, isKept) : this.#failDepth()
      case openArray:
        return depth < this.#maxDepth ? this.#array(depth, isKept) : this.#failDepth()
      case 0x74:
        return this.#word('true', trueNode)
      case 0x66:
        return this.#word('false', falseNode)
      case 0x6e:
        return this.#word('null', nullNode)
      default:
        return this.#number(isKept)
    }
  }

  #failLength(): undefined {
    return this.#fail('too_long', 'The value is too long.')
  }

  #failDepth(): undefined {
    return this.#fail('too_deep', `Values are nested more than ${this.#maxDepth} deep.`)
  }

  #object(depth: number, isKept: boolean): JsonNode | undefined {
    const start = this.#at - this.#dropped
    const isOpen = isKept && depth < this.#materializeDepth
    const members: JsonMember[] | undefined = isOpen ? [] : undefined
    const firstKey = this.#keys.length
    let seen: Set<string> | undefined
    this.#at++
    if (this.#next() === closeObject) this.#at++
    else {
      for (;;) {
        if (this.#next() !== quote) return this.#failSyntax('a key in double quotes')
        const keyAt = this.#at
        const escaped = this.#string()
        if (escaped === undefined) return undefined
        const keyEnd = this.#at
        const key: string = escaped
          ? JSON.parse(this.#text.slice(keyAt, keyEnd))
          : this.#text.slice(keyAt + 1, keyEnd - 1)
        const dropped = this.#dropped
        seen = this.#note(key, firstKey, seen)
        if (this.#fault) {
          this.#fault.offset = keyAt
          this.#path.push(key)
          return undefined
        }
        if (this.#next() !== colon) return this.#failSyntax('":"')
        this.#at++
        if (this.#at > this.#limit) return this.#failLength()
        const value = this.#value(depth + 1, isOpen)
        if (!value) {
          this.#path.push(key)
          return undefined
        }
        members?.push(new MemberPiece(this.#source, keyAt - dropped, keyEnd - dropped, key, value))
        const code = this.#next()
        if (code !== comma && code !== closeObject) return this.#failSyntax('"," or "}"')
        this.#at++
        if (code === closeObject) break
      }
      this.#keys.length = firstKey
    }
    if (!isKept) return skipped
    return new ObjectPiece(this.#source, start, this.#at - this.#dropped, members ?? none, !isOpen)
  }

  /** Remembers a key of the innermost object, or fails because it is there already or is one too many. */
  #note(key: string, firstKey: number, seen: Set<string> | undefined): Set<string> | undefined {
    const keys = this.#keys
    const count = keys.length - firstKey
    if (++this.#members > this.#maxMembers || count >= this.#maxWidth) {
      this.#fail('too_many_members', 'The JSON has too many members.')
      return undefined
    }
    let found = seen
    let isKnown = false
    if (count < fewKeys) {
      for (let index = firstKey; index < keys.length && !isKnown; index++) isKnown = keys[index] === key
    } else {
      // Keys that look like integers have hashes that a publisher can foresee and make collide; the
      // letter in front brings the engine's random seed into play.
      found ??= new Set(keys.slice(firstKey).map((known) => `k${known}`))
      const size = found.size
      isKnown = found.add(`k${key}`).size === size
    }
    if (isKnown) this.#fail('duplicate_key', `The key ${JSON.stringify(key.slice(0, 64))} occurs twice in one object.`)
    else keys.push(key)
    return found
  }

  #array(depth: number, isKept: boolean): JsonNode | undefined {
    const start = this.#at - this.#dropped
    const isOpen = isKept && depth < this.#materializeDepth
    const items: JsonNode[] | undefined = isOpen ? [] : undefined
    this.#at++
    if (this.#next() === closeArray) this.#at++
    else {
      for (let index = 0; ; index++) {
        if (++this.#members > this.#maxMembers) {
          return this.#fail('too_many_members', 'The JSON has too many members.')
        }
        if (this.#at > this.#limit) return this.#failLength()
        const item = this.#value(depth + 1, isOpen)
        if (!item) {
          this.#path.push(index)
          return undefined
        }
        items?.push(item)
        const code = this.#next()
        if (code !== comma && code !== closeArray) return this.#failSyntax('"," or "]"')
        this.#at++
        if (code === closeArray) break
      }
    }
    return isKept ? new ArrayPiece(this.#source, start, this.#at - this.#dropped, items ?? none, !isOpen) : skipped
  }

  /** Steps over a string. Whether it has escapes, or undefined when it is faulty. */
  #string(): boolean | undefined {
    const text = this.#text
    let at = this.#at + 1
    let isEscaped = false
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === quote) {
        this.#at = at + 1
        return isEscaped
      }
      if (code === backslash) {
        const length = escapeLength(text, at)
        if (length === 0) return this.#fail('syntax', 'There is an unknown escape in a string.', at)
        isEscaped = true
        at += length
      } else if (code >= 0x20) at++
      else return this.#failSyntax('the rest of a string (control characters must be escaped)', at)
    }
  }

  #word(word: string, node: JsonNode): JsonNode | undefined {
    if (!this.#text.startsWith(word, this.#at)) return this.#failSyntax('a JSON value')
    this.#at += word.length
    return node
  }

  /** number = [ "-" ] ( "0" / 1-9 *digit ) [ "." 1*digit ] [ ( "e" / "E" ) [ "+" / "-" ] 1*digit ] */
  #number(isKept: boolean): JsonNode | undefined {
    const text = this.#text
    const start = this.#at
    let at = start
    let code = text.charCodeAt(at)
    if (code === 0x2d) code = text.charCodeAt(++at)
    if (!(code >= 0x30 && code <= 0x39)) return this.#failSyntax(at > start ? 'a digit' : 'a JSON value', at)
    const isZero = code === 0x30
    code = text.charCodeAt(++at)
    while (code >= 0x30 && code <= 0x39) {
      if (isZero) return this.#fail('syntax', 'A number has a leading zero.', start)
      code = text.charCodeAt(++at)
    }
    if (code === 0x2e) {
      code = text.charCodeAt(++at)
      if (!(code >= 0x30 && code <= 0x39)) return this.#failSyntax('a digit', at)
      while (code >= 0x30 && code <= 0x39) code = text.charCodeAt(++at)
    }
    if (code === 0x65 || code === 0x45) {
      code = text.charCodeAt(++at)
      if (code === 0x2b || code === 0x2d) code = text.charCodeAt(++at)
      if (!(code >= 0x30 && code <= 0x39)) return this.#failSyntax('a digit', at)
      while (code >= 0x30 && code <= 0x39) code = text.charCodeAt(++at)
    }
    this.#at = at
    return isKept ? new NumberPiece(this.#source, start - this.#dropped, at - this.#dropped) : skipped
  }
}

/** Of the escape at `at`; 0 when there is no such escape. */
function escapeLength(text: string, at: number): number {
  switch (text.charCodeAt(at + 1)) {
    case quote:
    case backslash:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return 2
    case 0x75:
      return isHex(text, at + 2) && isHex(text, at + 3) && isHex(text, at + 4) && isHex(text, at + 5) ? 6 : 0
    default:
      return 0
  }
}

function isHex(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66)
}
