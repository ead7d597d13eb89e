import { userAgent } from './user-agent.ts'

/** What the first lines of a request say, beside its headers. */
export interface RequestTarget {
  readonly method: string
  /** Path and query as they go on the wire: visible ASCII. */
  readonly path: string
  /** Host and port, the port only where it is not the scheme's own. */
  readonly host: string
}

/** Headers that the connection owns, and `accept-encoding`: an answer is never decompressed. */
const ownNames = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'accept-encoding',
])

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const notInValue = /[^\t\x20-\x7e\x80-\xff]/
const notInPath = /[^\x21-\x7e]/

/**
 * A request as the bytes that go on the wire, head and body in one, so that one write sends it whole:
 * ```
 * POST /hook HTTP/1.1
 * host: example.com
 * connection: keep-alive
 * webhook-id: dlv_…
 * user-agent: Tidings/1.0.0
 * accept-encoding: identity
 * content-length: 7
 * ```
 * Text of headers is Latin-1, of the body UTF-8. A request's own `user-agent` takes the place of ours.
 * @throws for what would not be one request any more: a line break in a header, a space in the path
 */
export function requestBytes(
  target: RequestTarget,
  headers: readonly (readonly [name: string, value: string])[],
  body: string | Uint8Array | null,
): Buffer {
  const { method, path, host } = target
  if (!token.test(method)) throw new Error('invalid method')
  if (notInPath.test(path)) throw new Error('invalid path')
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`
  let hasUserAgent = false
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (ownNames.has(lower)) continue
    if (!token.test(name) || notInValue.test(value)) throw new Error(`invalid ${lower} header`)
    if (lower === 'user-agent') hasUserAgent = true
    head += `${name}: ${value}\r\n`
  }
  if (!hasUserAgent) head += `user-agent: ${userAgent}\r\n`
  head += 'accept-encoding: identity\r\n'
  const bodyBytes = body === null ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  // RFC 9110 8.6: a method that has a use for content says so when there is none.
  if (body !== null || method === 'POST') head += `content-length: ${bodyBytes}\r\n`
  head += '\r\n'
  const bytes = Buffer.allocUnsafe(head.length + bodyBytes)
  bytes.write(head, 0, 'latin1')
  if (typeof body === 'string') bytes.write(body, head.length, 'utf8')
  else if (body !== null) bytes.set(body, head.length)
  return bytes
}
