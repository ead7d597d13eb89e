/** The first lines of an answer, checked and taken apart. */
export interface AnswerHead {
  /** 100 to 999. */
  readonly status: number
  /** Of HTTP/1: 0, or 1 and what may come after it. */
  readonly minorVersion: number
  /** Name and value in turn, in the order of arrival; names in lower case, values without the space around them. */
  readonly fields: readonly string[]
}

/** Far above any honest answer; keeps a flood of short lines from taking time. */
const maxFields = 4_096

// RFC 9110 5.5: no control characters. RFC 9112 2.2: a CR alone makes what it stands in invalid.
const forbidden = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)/
/** RFC 9112 4; servers leave out the space before an empty reason too. Each minor version of 1 is read as 1.1 is (RFC 9110 2.5). */
const statusLine = /^(?:\r?\n)*HTTP\/1\.(\d) ([1-9]\d\d)(?: [^\r\n]*)?\r?\n/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Reads a head, from its status line to the empty line, as Latin-1 text (RFC 9112 2 to 5):
 * ```
 * HTTP/1.1 200 OK
 * Content-Type: text/plain
 *  ;charset=utf-8          obs-fold: becomes a space (5.2)
 *
 * ```
 * A line ends with CRLF or a bare LF (2.2). No space stands before a colon, and none before the first
 * name: of two readers one could take such a line for another header (5.1, 2.2).
 */
export function readHead(text: string): AnswerHead | 'invalid' | 'too_many' {
  if (forbidden.test(text)) return 'invalid'
  const first = statusLine.exec(text)
  if (first === null) return 'invalid'
  const fields: string[] = []
  let at = first[0].length
  for (;;) {
    const feed = text.indexOf('\n', at)
    const end = feed > at && text.charCodeAt(feed - 1) === 13 ? feed - 1 : feed
    if (end <= at) return { status: Number(first[2]), minorVersion: Number(first[1]), fields }
    if (isSpace(text.charCodeAt(at))) {
      const folded = fields.pop()
      if (folded === undefined) return 'invalid'
      // Put together without being looked at again: thousands of folds would be read from the start with each.
      const more = trimmed(text, at, end)
      fields.push(folded === '' || more === '' ? folded + more : `${folded} ${more}`)
    } else {
      const colon = text.indexOf(':', at)
      const name = colon < end ? text.slice(at, Math.max(at, colon)) : ''
      if (!token.test(name)) return 'invalid'
      fields.push(name.toLowerCase(), trimmed(text, colon + 1, end))
      if (fields.length > 2 * maxFields) return 'too_many'
    }
    at = feed + 1
  }
}

/** The values of a header, joined as one list (RFC 9110 5.3); null when it did not come. */
export function fieldOf({ fields }: AnswerHead, name: string): string | null {
  let value: string | null = null
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] === name) value = value === null ? fields[at + 1]! : `${value}, ${fields[at + 1]}`
  }
  return value
}

/** The elements of a list header, in lower case; empty ones are ignored (RFC 9110 5.6.1). */
export function elementsOf(value: string | null): string[] {
  if (value === null) return []
  return value
    .toLowerCase()
    .split(',')
    .map((element) => trimmed(element))
    .filter((element) => element !== '')
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9
}

/** OWS alone: `String.trim` would take characters that belong to the value. */
function trimmed(text: string, from = 0, to = text.length): string {
  let start = from
  let end = to
  while (start < end && isSpace(text.charCodeAt(start))) start += 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}
