/**
 * Checks a `Sec-WebSocket-Extensions` offer (RFC 6455, 9.1; RFC 7692, 7.1). No extension is ever
 * accepted, but an offer that makes no sense is refused and not passed over.
 *
 *   offers = offer *( "," offer ),  offer = token *( ";" token [ "=" value ] ),  value = token or quoted
 */
export function isSoundExtensionOffer(header: string): boolean {
  return splitOutsideQuotes(header, ',').every((offer) => {
    const [name, ...parameters] = splitOutsideQuotes(offer, ';').map((part) => part.trim())
    if (name === undefined || !token.test(name)) return false
    const seen = new Set<string>()
    return parameters.every((parameter) => {
      const match = parameterGrammar.exec(parameter)
      if (!match) return false
      const [, key = '', quoted, plain] = match
      if (seen.has(key)) return false
      seen.add(key)
      return name !== 'permessage-deflate' || isSoundDeflateParameter(key, quoted ?? plain)
    })
  })
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const parameterGrammar =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"([!#$%&'*+.^_`|~0-9A-Za-z-]+)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+)))?$/

function isSoundDeflateParameter(key: string, value: string | undefined): boolean {
  switch (key) {
    case 'client_max_window_bits':
      return value === undefined || isWindowBits(value)
    case 'server_max_window_bits':
      return value !== undefined && isWindowBits(value)
    case 'client_no_context_takeover':
    case 'server_no_context_takeover':
      return value === undefined
    default:
      return false
  }
}

function isWindowBits(value: string): boolean {
  return /^(?:[89]|1[0-5])$/.test(value)
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted
    if (isQuoted || text[at] !== separator) continue
    parts.push(text.slice(start, at))
    start = at + 1
  }
  return [...parts, text.slice(start)]
}
