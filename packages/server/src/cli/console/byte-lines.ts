/** A line of a file. `number` counts from 1, `endOffset` is the byte after its end. */
export interface ByteLine {
  readonly number: number
  readonly bytes: Uint8Array
  readonly endOffset: number
}

/**
 * Cuts at LF alone, in bytes: a line stays what it was, whatever its encoding. One line is held in
 * memory, up to `maxBytes`; a longer one is cut there, and so refused by whoever reads it as JSON.
 */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<ByteLine> {
  let parts: Uint8Array[] = []
  let length = 0
  let number = 0
  let offset = 0
  const keep = (part: Uint8Array) => {
    if (length < maxBytes) parts.push(part.subarray(0, maxBytes - length))
    length += part.length
    offset += part.length
  }
  const take = (): ByteLine => {
    const line = { number: ++number, bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), endOffset: offset }
    parts = []
    length = 0
    return line
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end))
      offset++
      start = end + 1
      yield take()
    }
    if (start < chunk.length) keep(chunk.subarray(start))
  }
  if (length > 0) yield take()
}

export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)
}
