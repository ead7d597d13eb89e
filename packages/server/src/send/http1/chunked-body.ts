/** Of a line with a chunk's size and its extensions, and of all trailers together. */
const maxLineBytes = 4_096
const maxTrailerBytes = 16_384

const cr = 13
const lf = 10

type State =
  | 'size'
  | 'padding'
  | 'extension'
  | 'size_end'
  | 'data'
  | 'data_cr'
  | 'data_lf'
  | 'trailer'
  | 'end'
  | 'broken'

/**
 * Takes a chunked body apart (RFC 9112 7.1):
 * ```
 * 5;name=value      size in hex digits, padded with zeros before or spaces behind, extensions skipped
 * hello
 * 0
 * Trailer: skipped
 *
 * ```
 * Sizes and extensions end with CRLF and nothing else: a reader that took less would find the chunks elsewhere.
 */
export class ChunkedBody {
  #state: State = 'size'
  #size = 0
  #digits = 0
  #lineBytes = 0
  #trailerBytes = 0
  #isPlain = true

  get isComplete(): boolean {
    return this.#state === 'end'
  }

  /**
   * No extensions and no trailers. Nobody asked for them, hardly anybody sends them, and readers differ in where they
   * end: after some, no request follows on the connection.
   */
  get isPlain(): boolean {
    return this.#isPlain
  }

  /** What came is no chunked body: where it ends cannot be known any more. */
  get isBroken(): boolean {
    return this.#state === 'broken'
  }

  /** Reads from `at` on and calls `data` for each piece of the body; returns where it stopped: at the end of `bytes`, or of the body. */
  read(bytes: Buffer, at: number, data: (piece: Buffer) => void): number {
    let index = at
    while (index < bytes.length && this.#state !== 'end' && this.#state !== 'broken') {
      if (this.#state === 'data') {
        const taken = Math.min(this.#size, bytes.length - index)
        data(bytes.subarray(index, index + taken))
        this.#size -= taken
        index += taken
        if (this.#size === 0) this.#state = 'data_cr'
      } else {
        this.#state = this.#after(bytes[index]!)
        index += 1
      }
    }
    return index
  }

  #after(byte: number): State {
    switch (this.#state) {
      case 'size':
        return this.#afterSize(byte)
      case 'padding':
        if (isSpace(byte)) return this.#inLine('padding')
        return byte === 0x3b ? 'extension' : byte === cr ? 'size_end' : 'broken'
      case 'extension':
        this.#isPlain = false
        return byte === cr ? 'size_end' : byte === lf ? 'broken' : this.#inLine('extension')
      case 'size_end':
        return byte === lf ? this.#begin() : 'broken'
      case 'data_cr':
        return byte === cr ? 'data_lf' : 'broken'
      case 'data_lf':
        return byte === lf ? 'size' : 'broken'
      case 'trailer':
        return this.#afterTrailer(byte)
      default:
        return this.#state
    }
  }

  #afterSize(byte: number): State {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit
      this.#digits += 1
      return this.#size > Number.MAX_SAFE_INTEGER ? 'broken' : this.#inLine('size')
    }
    if (this.#digits === 0) return 'broken'
    if (isSpace(byte)) return 'padding'
    return byte === 0x3b ? 'extension' : byte === cr ? 'size_end' : 'broken'
  }

  #begin(): State {
    const isLast = this.#size === 0
    this.#digits = 0
    this.#lineBytes = 0
    return isLast ? 'trailer' : 'data'
  }

  /** Lines up to an empty one; nothing of them is kept. */
  #afterTrailer(byte: number): State {
    this.#trailerBytes += 1
    if (byte === lf) {
      const isEmpty = this.#lineBytes === 0
      this.#lineBytes = 0
      return isEmpty ? 'end' : 'trailer'
    }
    if (byte !== cr) {
      this.#lineBytes += 1
      this.#isPlain = false
    }
    return this.#trailerBytes > maxTrailerBytes ? 'broken' : 'trailer'
  }

  #inLine(state: State): State {
    this.#lineBytes += 1
    return this.#lineBytes > maxLineBytes ? 'broken' : state
  }
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 9
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
