import type { IncomingMessage } from 'node:http'

const absolute = /^https?:\/\/([^/?#]+)(.*)$/i

/**
 * A request target that names the server too, as it is sent to proxies, is taken as its path, and its authority as the
 * Host (RFC 9112 §3.2.2). Other forms come back as they are.
 */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? ''
  const match = absolute.exec(url)
  if (!match) return url
  request.headers.host = match[1]
  const rest = match[2]!
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** `uri-host [ ":" port ]` of RFC 9110 §7.2, with a name, an IPv4 address or an IPv6 address in brackets. */
const hostShape = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

export function isHost(value: string): boolean {
  return hostShape.test(value)
}
