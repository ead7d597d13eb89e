import { type AnswerHead, readHead } from './answer-head.ts'
import { ChunkedBody } from './chunked-body.ts'
import { type Framing, framingOf } from './framing.ts'

export interface AnswerLimits {
  /** Of the body on the wire, its framing included: more is not read. */
  readonly bodyBytes: number
  readonly keptBodyBytes: number
}

/**
 * Where the reading of an answer stands.
 *
 *   head ──(a final status)──▶ body ──(its end)──▶ complete
 *    │ ▲                        └──(too long, broken off, no framing)──▶ cut
 *    │ └── interim answers are skipped
 *    └──(not HTTP, too much of it)──▶ refused
 */
export type AnswerState = 'head' | 'body' | 'complete' | 'cut' | 'refused'
export type AnswerRefusal = 'invalid_http' | 'headers_too_large'

/** Of all heads, the interim ones included. */
const maxHeadBytes = 128 * 1024
/** An honest server sends one or two, or one every few seconds while it works. */
const maxInterimAnswers = 100

const cr = 13
const lf = 10
const nothing = Buffer.alloc(0)
const beginning = Buffer.from('HTTP/1.')

/**
 * Reads one answer from the bytes of a connection, in whatever pieces they come (RFC 9112). It does no input or
 * output and knows no time. Once the header block is whole there is a status, and nothing after it takes it back.
 */
export class AnswerReader {
  state: AnswerState = 'head'
  /** Why it is `refused`. */
  refusal: AnswerRefusal | null = null
  /** The final one, from `body` on. */
  head: AnswerHead | null = null
  /** Once `complete`: the connection is in order for another request. */
  mayPersist = false
  /** Whether not one byte has come. */
  isUntouched = true
  readonly #limits: AnswerLimits
  #headBytes = 0
  #interimAnswers = 0
  /** The part of a head that came in earlier pieces. */
  #held: Buffer | null = null
  #heldBytes = 0
  /** Bytes of the line that is being read, CR not counted, and whether the head has a line before it. */
  #lineBytes = 0
  #hasLine = false
  /** Bytes of `beginning` that the head has begun with. */
  #matched = 0
  #framing: Framing = { kind: 'until_close' }
  #chunks: ChunkedBody | null = null
  #bodyBytes = 0
  #kept: Buffer = nothing
  #keptBytes = 0

  constructor(limits: AnswerLimits) {
    this.#limits = limits
  }

  /** More of the answer. The bytes may be written over once this returns. */
  read(bytes: Buffer): void {
    this.isUntouched = false
    const rest = this.state === 'head' ? this.#readHeads(bytes) : bytes
    if (rest !== null && this.state === 'body') this.#readBody(rest)
  }

  /** The connection has ended: nothing more will come. */
  end(): void {
    if (this.state === 'body') this.state = this.#framing.kind === 'until_close' ? 'complete' : 'cut'
  }

  /** The beginning of the body, as far as it has come and is kept. */
  get body(): Buffer {
    return this.#kept.subarray(0, this.#keptBytes)
  }

  get isWholeBodyKept(): boolean {
    return this.state === 'complete' && this.#keptBytes < this.#limits.keptBodyBytes
  }

  /** What comes after the final head; null while it has not ended. */
  #readHeads(bytes: Buffer): Buffer | null {
    let rest = bytes
    for (;;) {
      const end = this.#headEnd(rest)
      const headBytes = this.#heldBytes + (end < 0 ? rest.length : end)
      if (!this.#beginsAsAnswer(rest)) return this.#refuse('invalid_http')
      if (this.#headBytes + headBytes > maxHeadBytes) return this.#refuse('headers_too_large')
      if (end < 0) {
        this.#hold(rest, rest.length)
        return null
      }
      const head = readHead(this.#textOf(rest, end))
      if (head === 'too_many') return this.#refuse('headers_too_large')
      const framed = head === 'invalid' ? null : framingOf(head)
      // Nobody asked to switch protocols.
      if (head === 'invalid' || framed === null || head.status === 101) return this.#refuse('invalid_http')
      this.#headBytes += headBytes
      this.#matched = 0
      rest = rest.subarray(end)
      if (head.status >= 200) {
        this.state = 'body'
        this.head = head
        this.mayPersist = framed.mayPersist
        this.#framing = framed.framing
        if (framed.framing.kind === 'chunked') this.#chunks = new ChunkedBody()
        return rest
      }
      // RFC 9110 15.2: any number of interim answers, `100` among them, though nobody asked for one.
      this.#interimAnswers += 1
      if (this.#interimAnswers > maxInterimAnswers) return this.#refuse('headers_too_large')
      if (rest.length === 0) return null
    }
  }

  /** Where the head ends in `bytes`, after its empty line; -1 when it goes on. */
  #headEnd(bytes: Buffer): number {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte !== lf) {
        if (byte !== cr) this.#lineBytes += 1
        continue
      }
      const isEmpty = this.#lineBytes === 0
      this.#lineBytes = 0
      if (!isEmpty) this.#hasLine = true
      else if (this.#hasLine) {
        this.#hasLine = false
        return at + 1
      }
    }
    return -1
  }

  /** So that what is no HTTP is known at once, and not at a deadline. Looks at each byte once. */
  #beginsAsAnswer(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length && this.#matched < beginning.length; at++) {
      const byte = bytes[at]
      if (this.#matched === 0 && (byte === cr || byte === lf)) continue
      if (byte !== beginning[this.#matched]) return false
      this.#matched += 1
    }
    return true
  }

  #hold(bytes: Buffer, count: number): void {
    const needed = this.#heldBytes + count
    if (this.#held === null || this.#held.length < needed) {
      // Twice as much as is needed: headers that come byte by byte are not copied with each.
      const larger = Buffer.allocUnsafe(needed * 2)
      this.#held?.copy(larger, 0, 0, this.#heldBytes)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#heldBytes, 0, count)
    this.#heldBytes = needed
  }

  #textOf(bytes: Buffer, end: number): string {
    if (this.#heldBytes === 0) return bytes.toString('latin1', 0, end)
    this.#hold(bytes, end)
    const text = this.#held!.toString('latin1', 0, this.#heldBytes)
    this.#held = null
    this.#heldBytes = 0
    return text
  }

  #refuse(refusal: AnswerRefusal): null {
    this.state = 'refused'
    this.refusal = refusal
    this.#held = null
    return null
  }

  #readBody(bytes: Buffer): void {
    this.#bodyBytes += bytes.length
    const framing = this.#framing
    let end = bytes.length
    switch (framing.kind) {
      case 'length': {
        const left = framing.bytes - (this.#bodyBytes - bytes.length)
        end = Math.min(left, bytes.length)
        this.#keep(bytes.subarray(0, end))
        if (end === left) this.state = 'complete'
        break
      }
      case 'chunked':
        end = this.#chunks!.read(bytes, 0, (piece) => this.#keep(piece))
        if (!this.#chunks!.isPlain) this.mayPersist = false
        if (this.#chunks!.isComplete) this.state = 'complete'
        else if (this.#chunks!.isBroken) this.state = 'cut'
        break
      case 'until_close':
        this.#keep(bytes)
        break
      default:
        framing satisfies never
    }
    // What comes after the end is nobody's answer, and must not become the next request's.
    if (end < bytes.length) this.mayPersist = false
    if (this.state === 'body' && this.#bodyBytes > this.#limits.bodyBytes) this.state = 'cut'
  }

  #keep(piece: Buffer): void {
    const count = Math.min(piece.length, this.#limits.keptBodyBytes - this.#keptBytes)
    if (count <= 0) return
    const needed = this.#keptBytes + count
    if (this.#kept.length < needed) {
      // One buffer, however small the pieces are that it comes in.
      const larger = Buffer.allocUnsafe(this.#keptBytes === 0 ? needed : needed * 2)
      this.#kept.copy(larger, 0, 0, this.#keptBytes)
      this.#kept = larger
    }
    piece.copy(this.#kept, this.#keptBytes, 0, count)
    this.#keptBytes = needed
  }
}
