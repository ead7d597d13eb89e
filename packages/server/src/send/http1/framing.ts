import { type AnswerHead, elementsOf, fieldOf } from './answer-head.ts'

/** How the end of an answer's body is found (RFC 9112 6.3). */
export type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until_close' }

export interface Framed {
  readonly framing: Framing
  /** Another request may follow on the connection once the body is read. */
  readonly mayPersist: boolean
}

const empty: Framing = { kind: 'length', bytes: 0 }

/**
 * Null: nobody can say where the body ends, since `Content-Length` stands beside `Transfer-Encoding`, or one of
 * them says nothing that can be read. The same number several times is that number (RFC 9112 6.3, rule 5).
 */
export function framingOf(head: AnswerHead): Framed | null {
  const coding = fieldOf(head, 'transfer-encoding')
  const lengthText = fieldOf(head, 'content-length')
  if (coding !== null && lengthText !== null) return null
  const codings = elementsOf(coding)
  if (coding !== null && codings.length === 0) return null
  const length = lengthText === null ? null : readLength(lengthText)
  if (length === undefined) return null
  const persists = asksToPersist(head)
  if (head.status < 200 || head.status === 204 || head.status === 304) {
    // These have no body whatever they say (rule 1). One that announces a body may send it all the same, and
    // that must not be read as the answer to the next request.
    return { framing: empty, mayPersist: persists && coding === null && (length ?? 0) === 0 }
  }
  if (coding !== null) {
    const isChunked = codings.at(-1) === 'chunked'
    // A length that HTTP/1.0 does not know is faulty framing: the connection ends with it (6.1).
    if (isChunked) return { framing: { kind: 'chunked' }, mayPersist: persists && head.minorVersion > 0 }
    return { framing: { kind: 'until_close' }, mayPersist: false }
  }
  if (length === null) return { framing: { kind: 'until_close' }, mayPersist: false }
  return { framing: { kind: 'length', bytes: length }, mayPersist: persists }
}

/** What `Keep-Alive: timeout=5` says, in milliseconds; null when it says nothing. */
export function keepAliveMs(head: AnswerHead): number | null {
  const seconds = /(?:^|[,;\s])timeout\s{0,8}=\s{0,8}"?(\d{1,6})/i.exec(fieldOf(head, 'keep-alive') ?? '')?.[1]
  return seconds === undefined ? null : Number(seconds) * 1_000
}

function asksToPersist(head: AnswerHead): boolean {
  const wishes = elementsOf(fieldOf(head, 'connection'))
  if (wishes.includes('close')) return false
  return head.minorVersion > 0 || wishes.includes('keep-alive')
}

/** Undefined when it is no number, or several that differ. A number beyond all bounds is a body without end. */
function readLength(text: string): number | undefined {
  let length: string | undefined
  for (const element of text.split(',')) {
    const digits = /^[ \t]*(\d+)[ \t]*$/.exec(element)?.[1]?.replace(/^0+(?=\d)/, '')
    if (digits === undefined || (length !== undefined && digits !== length)) return undefined
    length = digits
  }
  return Number(length)
}
