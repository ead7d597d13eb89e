import { fstatSync } from 'node:fs'
import { itemTexts } from '@tidings/client'
import { type ByteLine, byteLines, isBlank } from './byte-lines.ts'
import { openInputFile } from './input-file.ts'
import { UsageError } from './usage-error.ts'

/** What there is to publish. */
export type PublishInput =
  /** All or nothing: `texts` are events, `isArray` as they were given. */
  | { readonly kind: 'batch'; readonly texts: readonly string[]; readonly isArray: boolean }
  /** Line by line; `size` in bytes when it is known. */
  | {
      readonly kind: 'lines'
      readonly lines: AsyncIterable<ByteLine>
      readonly size: number | undefined
      close(): void
    }

/** Twice the largest event, for white space and escapes; the server cuts at the same. */
const maxLineBytes = 512 * 1024 + 1
/** A single JSON document is held in memory; lines are not. */
const maxDocumentBytes = 256 * 1024 * 1024
/** The largest array that the server accepts in one request, as a whole or not at all. */
const maxBatchEvents = 1_000
const maxBatchBytes = 15 * 1024 * 1024

export type Format = 'auto' | 'json' | 'ndjson'

/** @param path `-` is standard input. */
export async function openEvents(path: string, format: Format): Promise<PublishInput> {
  const file = path === '-' ? undefined : await openInputFile(path)
  const chunks = file?.createReadStream({ highWaterMark: 256 * 1024 }) ?? process.stdin
  const size = file ? (await file.stat()).size : sizeOfStdin()
  const isLines = format === 'ndjson'
  // A read under way on a pipe would keep the process waiting for its other end.
  const close = () => void chunks.destroy()
  const lines = byteLines(chunks, format === 'json' ? maxDocumentBytes : maxLineBytes)
  if (isLines) return { kind: 'lines', lines, size, close }

  const seen: ByteLine[] = []
  let next = await lines.next()
  while (!next.done && isBlank(next.value.bytes)) next = await lines.next()
  if (next.done) throw new UsageError(`${path === '-' ? 'standard input' : path} is empty: there is nothing to publish`)
  const first = textOf(next.value.bytes)
  // A first line that is whole, and not the only one, begins a stream of lines; else it is one document.
  if (format === 'auto' && first.trimStart().startsWith('{') && isBalanced(first)) {
    const second = await firstNotBlank(lines)
    if (second === undefined) return { kind: 'batch', texts: [first.trim()], isArray: false }
    return { kind: 'lines', lines: withBefore([next.value, second], lines), size, close }
  }
  seen.push(next.value)
  let bytes = next.value.bytes.length
  for await (const line of lines) {
    seen.push(line)
    bytes += line.bytes.length + 1
    if (bytes > maxDocumentBytes)
      throw new UsageError('a JSON document this large does not fit: give it as NDJSON, one event a line')
  }
  return documentOf(seen.map(({ bytes }) => textOf(bytes)).join('\n'), bytes, path)
}

function documentOf(text: string, bytes: number, path: string): PublishInput {
  try {
    JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${path === '-' ? 'standard input' : path} is not JSON: ${(error as Error).message}`)
  }
  const isArray = text.trimStart().startsWith('[')
  const texts = isArray ? itemTexts(text) : [text.trim()]
  if (texts.length <= maxBatchEvents && bytes <= maxBatchBytes) return { kind: 'batch', texts, isArray }
  const lines = texts.map((item, index): ByteLine => {
    const line = Buffer.from(item.replace(/[\r\n]+/g, ' '))
    return { number: index + 1, bytes: line, endOffset: 0 }
  })
  return { kind: 'lines', lines: withBefore(lines), size: undefined, close() {} }
}

async function firstNotBlank(lines: AsyncGenerator<ByteLine>): Promise<ByteLine | undefined> {
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    if (!isBlank(next.value.bytes)) return next.value
  }
  return undefined
}

async function* withBefore(before: readonly ByteLine[], after?: AsyncIterable<ByteLine>): AsyncGenerator<ByteLine> {
  yield* before
  if (after) yield* after
}

/** Whether every bracket that a line opens is closed in it. Brackets within strings do not count. */
function isBalanced(text: string): boolean {
  let depth = 0
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/g)) {
    if (mark === '{' || mark === '[') depth++
    else if (mark === '}' || mark === ']') depth--
  }
  return depth <= 0
}

/** Malformed UTF-8 would go out as other characters than it came. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError('the input is not UTF-8')
  }
}

/** A redirected file has a size, a pipe has none. */
function sizeOfStdin(): number | undefined {
  try {
    const stats = fstatSync(0)
    return stats.isFile() ? stats.size : undefined
  } catch {
    return undefined
  }
}
