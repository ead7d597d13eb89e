/**
 * JSON without loss of digits. `JSON.parse` turns `12345678901234567.89` into 12345678901234568;
 * Tidings keeps every digit, so this package hands out the text beside the parsed value, and takes
 * text where a number is too long for a double.
 */

/** A piece of JSON text that goes out exactly as it is. */
export class RawJson {
  readonly text: string

  /** @throws SyntaxError when the text is not JSON. */
  constructor(text: string) {
    JSON.parse(text)
    this.text = text
  }
}

/** JSON text to be sent as it is, as `rawJson('12345678901234567.89')`. */
export function rawJson(text: string): RawJson {
  return new RawJson(text)
}

/** As `JSON.stringify`, and besides it `bigint` as its digits and {@link RawJson} as its text. */
export function toJson(value: unknown): string {
  return write(value) ?? 'null'
}

/** Undefined for what JSON leaves out: undefined, functions, symbols. */
function write(value: unknown): string | undefined {
  if (value instanceof RawJson) return value.text
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => write(item) ?? 'null').join(',')}]`
  if ('toJSON' in value && typeof value.toJSON === 'function') return write(value.toJSON())
  const members: string[] = []
  for (const [key, item] of Object.entries(value)) {
    const text = write(item)
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${members.join(',')}}`
}

/**
 * As `JSON.parse`, but integers of up to 19 digits that a double does not hold are `bigint`.
 *
 * @throws SyntaxError when the text is not JSON.
 */
export function fromJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // Older Nodes give a reviver no text, and nearly no answer has such a number.
  return /[0-9]{16}/.test(text) ? exact(value, text) : value
}

function exact(value: unknown, text: string): unknown {
  if (typeof value === 'number') {
    const digits = text.trim()
    return !Number.isSafeInteger(value) && /^[1-9][0-9]{15,18}$/.test(digits) ? BigInt(digits) : value
  }
  if (Array.isArray(value)) return itemTexts(text).map((item, index) => exact(value[index], item))
  if (typeof value !== 'object' || value === null) return value
  for (const [key, memberText] of memberTexts(text)) {
    const member = (value as Record<string, unknown>)[key]
    // What JSON.parse made an own member stays one, `__proto__` too.
    Object.defineProperty(value, key, { value: exact(member, memberText) })
  }
  return value
}

/** The text of one member of a JSON object, as `memberText(event.raw, 'data')`; undefined when it has none. */
export function memberText(objectText: string, key: string): string | undefined {
  return memberTexts(objectText).get(key)
}

/** The members of a JSON object, each as its text. The text must be valid JSON. */
export function memberTexts(objectText: string): Map<string, string> {
  const members = new Map<string, string>()
  let at = skipSpace(objectText, 0)
  if (objectText[at] !== '{') throw new SyntaxError('not a JSON object')
  at = skipSpace(objectText, at + 1)
  while (at < objectText.length && objectText[at] !== '}') {
    const keyEnd = endOfValue(objectText, at)
    const start = skipSpace(objectText, skipSpace(objectText, keyEnd) + 1)
    const end = endOfValue(objectText, start)
    members.set(JSON.parse(objectText.slice(at, keyEnd)), objectText.slice(start, end))
    at = afterSeparator(objectText, end)
  }
  return members
}

/** The items of a JSON array, each as its text. The text must be valid JSON. */
export function itemTexts(arrayText: string): string[] {
  const items: string[] = []
  let at = skipSpace(arrayText, 0)
  if (arrayText[at] !== '[') throw new SyntaxError('not a JSON array')
  at = skipSpace(arrayText, at + 1)
  while (at < arrayText.length && arrayText[at] !== ']') {
    const end = endOfValue(arrayText, at)
    items.push(arrayText.slice(at, end))
    at = afterSeparator(arrayText, end)
  }
  return items
}

function afterSeparator(text: string, at: number): number {
  const next = skipSpace(text, at)
  return text[next] === ',' ? skipSpace(text, next + 1) : next
}

function skipSpace(text: string, at: number): number {
  let next = at
  while (text[next] === ' ' || text[next] === '\n' || text[next] === '\r' || text[next] === '\t') next++
  return next
}

function endOfValue(text: string, at: number): number {
  const first = text[at]
  if (first === '"') return endOfString(text, at)
  if (first !== '{' && first !== '[') {
    const scalar = /[^,\]}\s]+/y
    scalar.lastIndex = at
    if (!scalar.test(text)) throw new SyntaxError('not JSON')
    return scalar.lastIndex
  }
  const mark = /["[\]{}]/g
  mark.lastIndex = at
  let depth = 0
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = endOfString(text, found.index)
    else if (found[0] === '{' || found[0] === '[') depth++
    else if (--depth === 0) return mark.lastIndex
  }
  throw new SyntaxError('not JSON')
}

function endOfString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let escapes = 0
    while (text[quote - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return quote + 1
  }
  throw new SyntaxError('not JSON')
}
