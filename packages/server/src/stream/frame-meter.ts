/**
 * Follows the borders of WebSocket frames in what a client sends, headers only (RFC 6455, 5.2), to
 * tell since when a message is under way. A message is whole with its last fragment; control
 * frames between the fragments are no part of it. What breaks the protocol is for the receiver to
 * refuse, so this reads on as if it were right.
 *
 *   fin:1 rsv:3 opcode:4 | mask:1 length:7 | [length:16 or 64] | [mask:32] | payload
 */
export class FrameMeter {
  /** Header bytes of the frame at hand that came so far. */
  readonly #header: number[] = []
  #payloadLeft = 0
  #isFragmented = false
  #startedAtMs: number | undefined

  /** When the message began that is not whole yet, a lone half header included. */
  get startedAtMs(): number | undefined {
    return this.#startedAtMs
  }

  /** Forgives the time until now, in which the socket was not read. */
  restart(nowMs: number): void {
    if (this.#startedAtMs !== undefined) this.#startedAtMs = nowMs
  }

  read(chunk: Uint8Array, nowMs: number): void {
    let at = 0
    while (at < chunk.length) {
      this.#startedAtMs ??= nowMs
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - at)
        this.#payloadLeft -= taken
        at += taken
        if (this.#payloadLeft === 0) this.#endFrame()
        continue
      }
      this.#header.push(chunk[at]!)
      at += 1
      const length = payloadLength(this.#header)
      if (length === undefined) continue
      this.#payloadLeft = length
      if (length === 0) this.#endFrame()
    }
  }

  #endFrame(): void {
    const first = this.#header[0]!
    this.#header.length = 0
    const isControl = (first & 0x08) !== 0
    if (!isControl) this.#isFragmented = (first & 0x80) === 0
    if (!this.#isFragmented) this.#startedAtMs = undefined
  }
}

/** Undefined while the header is not whole. */
function payloadLength(header: readonly number[]): number | undefined {
  if (header.length < 2) return undefined
  const short = header[1]! & 0x7f
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0
  const mask = (header[1]! & 0x80) === 0 ? 0 : 4
  if (header.length < 2 + extra + mask) return undefined
  if (extra === 0) return short
  return header.slice(2, 2 + extra).reduce((length, byte) => length * 256 + byte, 0)
}
