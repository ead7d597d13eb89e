/** A line of a stream, or the place of one that was too long to be kept. */
export type Line = { readonly kind: 'line'; readonly bytes: Uint8Array } | { readonly kind: 'too-long' }

/** Cuts a byte stream into lines at LF, holding at most one line of `maxBytes` in memory. */
export class LineSplitter {
  readonly #maxBytes: number
  #parts: Uint8Array[] = []
  #length = 0
  #isTooLong = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = []
    let start = 0
    for (;;) {
      const end = chunk.indexOf(10, start)
      if (end < 0) break
      this.#keep(chunk.subarray(start, end))
      this.#finish(lines)
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  /** What stands after the last LF. */
  end(): Line[] {
    const lines: Line[] = []
    this.#finish(lines)
    return lines
  }

  #keep(part: Uint8Array): void {
    if (this.#isTooLong || part.length === 0) return
    this.#length += part.length
    if (this.#length > this.#maxBytes) {
      this.#isTooLong = true
      this.#parts = []
    } else this.#parts.push(part)
  }

  /** Blank lines are no events. */
  #finish(lines: Line[]): void {
    if (this.#isTooLong) lines.push({ kind: 'too-long' })
    else if (this.#length > 0) {
      const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
      if (!isBlank(bytes)) lines.push({ kind: 'line', bytes })
    }
    this.#parts = []
    this.#length = 0
    this.#isTooLong = false
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)
}
