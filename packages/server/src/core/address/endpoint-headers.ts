import type { FieldError } from '../errors.ts'

/** Headers that are the transport's, the signature's or the connection's (hostile inputs: request smuggling, forged signatures). */
const denied = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'accept-encoding',
  'cookie',
  'idempotency-key',
  '__proto__',
  'constructor',
  'prototype',
])
const deniedPrefixes = ['webhook-', 'ce-', 'x-vwd-', 'sec-', 'proxy-']
const maxHeaders = 20
const maxValueLength = 4_096
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,255}$/

/** The faults of headers that a subscription adds to its requests; names and values per RFC 9110 §5. */
export function endpointHeaderFaults(headers: Readonly<Record<string, unknown>>, pointer: string): FieldError[] {
  const faults: FieldError[] = []
  const seen = new Set<string>()
  const entries = Object.entries(headers)
  if (entries.length > maxHeaders) {
    faults.push({ pointer, code: 'too_many', detail: `Up to ${maxHeaders} headers may be added.` })
  }
  for (const [name, value] of entries.slice(0, maxHeaders)) {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const lower = name.toLowerCase()
    if (!token.test(name)) faults.push({ pointer: at, code: 'invalid_format', detail: 'This is no header name.' })
    else if (denied.has(lower) || deniedPrefixes.some((prefix) => lower.startsWith(prefix))) {
      faults.push({
        pointer: at,
        code: 'not_allowed',
        detail: 'This header is set by Tidings, or would change what the request means.',
      })
    } else if (seen.has(lower)) faults.push({ pointer: at, code: 'duplicate', detail: 'The header is given twice.' })
    if (typeof value !== 'string' || value.length > maxValueLength || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      faults.push({
        pointer: at,
        code: 'invalid_format',
        detail: `A header value is Latin-1 text without line breaks, up to ${maxValueLength} characters.`,
      })
    }
    seen.add(lower)
  }
  return faults
}
