import { lineGroups } from './text-lines.ts'

export interface SseMessage {
  /** `message` unless the server named it. */
  readonly name: string
  readonly data: string
  /** The last id given, on this message or before it. */
  readonly lastEventId: string
}

export type SsePart =
  | ({ readonly kind: 'message' } & SseMessage)
  /** A block with an id and no data: progress, where nothing passed the filter. */
  | { readonly kind: 'progress'; readonly lastEventId: string }
  | { readonly kind: 'retry'; readonly delayMs: number }

/** An event stream taken apart as the HTML standard says (section 9.2.6). What came together is one array. */
export async function* readSse(body: AsyncIterable<Uint8Array>, lastEventId = ''): AsyncGenerator<readonly SsePart[]> {
  const parser = new SseParser(lastEventId)
  for await (const lines of lineGroups(body)) {
    const parts = lines.map((line) => parser.take(line)).filter((part) => part !== undefined)
    if (parts.length > 0) yield parts
  }
}

/** Line after line. */
class SseParser {
  #id: string
  #name = ''
  #data: string[] = []
  #isFirst = true
  #sawId = false

  constructor(lastEventId: string) {
    this.#id = lastEventId
  }

  take(raw: string): SsePart | undefined {
    const line = this.#isFirst ? raw.replace(/^\uFEFF/, '') : raw
    this.#isFirst = false
    if (line === '') return this.#end()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#name = value
    else if (field === 'id' && !value.includes('\0')) {
      this.#id = value
      this.#sawId = true
    } else if (field === 'retry' && /^\d+$/.test(value)) return { kind: 'retry', delayMs: Number(value) }
    return undefined
  }

  #end(): SsePart | undefined {
    const [name, data, sawId] = [this.#name || 'message', this.#data, this.#sawId]
    this.#name = ''
    this.#data = []
    this.#sawId = false
    if (data.length > 0) return { kind: 'message', name, data: data.join('\n'), lastEventId: this.#id }
    return sawId ? { kind: 'progress', lastEventId: this.#id } : undefined
  }
}
