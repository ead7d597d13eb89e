import { textLines } from './text-lines.ts'

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

/** An event stream taken apart as the HTML standard says (section 9.2.6). */
export async function* readSse(body: AsyncIterable<Uint8Array>, lastEventId = ''): AsyncGenerator<SsePart> {
  let id = lastEventId
  let name = ''
  let data: string[] = []
  let isFirst = true
  let sawId = false
  for await (const raw of textLines(body)) {
    const line = isFirst ? raw.replace(/^\uFEFF/, '') : raw
    isFirst = false
    if (line === '') {
      if (data.length > 0) yield { kind: 'message', name: name || 'message', data: data.join('\n'), lastEventId: id }
      else if (sawId) yield { kind: 'progress', lastEventId: id }
      name = ''
      data = []
      sawId = false
      continue
    }
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') name = value
    else if (field === 'id' && !value.includes('\0')) {
      id = value
      sawId = true
    } else if (field === 'retry' && /^\d+$/.test(value)) yield { kind: 'retry', delayMs: Number(value) }
  }
}
