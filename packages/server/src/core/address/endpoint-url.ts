import { isIP } from 'node:net'
import { domainToUnicode } from 'node:url'
import { admitsAddress, admitsLocalhost, type EndpointPolicy, isPublicPort, parsePort } from './endpoint-policy.ts'

/** One message for every refusal: an answer that told why would map the operator's network for whoever asks. */
export const endpointRefused =
  'This endpoint cannot be used. Give an absolute https URL with a public host name, a usual port and no credentials.'

export type CheckedEndpoint =
  | { readonly ok: true; readonly url: string; readonly credentials: EndpointCredentials | null }
  | { readonly ok: false }

/** Userinfo of the URL, percent-decoded: sent as Basic auth. */
export interface EndpointCredentials {
  readonly username: string
  readonly password: string
}

const refused: CheckedEndpoint = { ok: false }
const maxUrlLength = 2048

/**
 * The only spelling that is read: scheme, two slashes, host, optional port, then nothing or a path.
 * Whatever a URL parser would repair or read differently from the next one (other slashes, `\`, `#`, `%` in the
 * host, an `@` that one could take for the end of userinfo) is refused before it can.
 */
const spelling = /^(https?):\/\/(?:([^/?#@]*)@)?(\[[0-9a-f:.]+\]|[^/?#@:[\]%]+)(?::(\d{1,5}))?(\/[^#]*|\?[^#@]*)?$/i

/** A user without password that somebody could take for the host: `https://127.0.0.1@example.com/`. */
const likeHost = /^[^@]*\.[^@]*$|[/\\?#[\]]/

// Spaces and controls, ASCII and others, backslashes, and marks that change how text is shown.
const forbiddenCharacters = /[\p{Cc}\p{Z}\p{Cs}\\\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u

/** Names that never lead to a public receiver: RFC 6761, 6762, 7686, 8375, 9476 and what private networks call themselves. */
const reservedSuffixes = new Set([
  'alt',
  'arpa',
  'corp',
  'home',
  'internal',
  'intranet',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'onion',
  'private',
  'svc',
])

/**
 * Checks a URL that somebody asks the server to send to, without a name lookup: what a name resolves
 * to is checked at every connection. On success `url` is the parsed href without userinfo, the only
 * form to store and use. `localhost` is usable where the operator opened loopback on its port; other
 * internal names never are.
 */
export function checkEndpointUrl(
  raw: string,
  policy: EndpointPolicy,
  options: { readonly allowUserinfo?: boolean } = {},
): CheckedEndpoint {
  if (raw.length > maxUrlLength || forbiddenCharacters.test(raw)) return refused
  const written = spelling.exec(raw)
  if (written === null) return refused
  const [, scheme, userinfo, host, portText] = written
  const isHttps = scheme!.toLowerCase() === 'https'
  if (!isHttps && !policy.allowHttp) return refused
  const port = portText === undefined ? (isHttps ? 443 : 80) : parsePort(portText)
  if (port === null) return refused

  const credentials = userinfo === undefined ? null : readCredentials(userinfo)
  if (userinfo !== undefined && (options.allowUserinfo !== true || credentials === null)) return refused

  const url = URL.parse(raw)
  if (url === null || !isSameHost(host!, url.hostname)) return refused
  if (!admitsHost(url.hostname, port, policy)) return refused
  url.username = ''
  url.password = ''
  return url.href.length > maxUrlLength ? refused : { ok: true, url: url.href, credentials }
}

function readCredentials(userinfo: string): EndpointCredentials | null {
  const colon = userinfo.indexOf(':')
  try {
    const username = decodeURIComponent(colon < 0 ? userinfo : userinfo.slice(0, colon))
    const password = colon < 0 ? '' : decodeURIComponent(userinfo.slice(colon + 1))
    // RFC 7617 2: a user name with a colon would be read as the beginning of the password.
    const isUsable = username !== '' && !username.includes(':') && (colon >= 0 || !likeHost.test(username))
    return isUsable ? { username, password } : null
  } catch {
    return null
  }
}

/**
 * Whether the host means what it says. Number spellings of IPv4 (`0x7f.1`, `2130706433`), full-width
 * digits and invisible letters all parse into something that was not written; a name in another
 * script must come out as punycode.
 */
function isSameHost(written: string, parsed: string): boolean {
  if (written.startsWith('[')) return parsed.startsWith('[')
  if (written.toLowerCase() === parsed) return true
  return /[^\0-\x7f]/.test(written) && /(?:^|\.)xn--/.test(parsed)
}

function admitsHost(hostname: string, port: number, policy: EndpointPolicy): boolean {
  if (hostname.startsWith('[')) return admitsAddress(hostname.slice(1, -1), port, policy)
  if (isIP(hostname) !== 0) return admitsAddress(hostname, port, policy)
  if (hostname === 'localhost') return admitsLocalhost(port, policy)
  if (!isPublicName(hostname) || policy.ownNames.includes(hostname)) return false
  return isPublicPort(port, policy) || policy.allowNetworks.some((network) => network.port === port)
}

/** At least two labels of letters, digits, `-` and `_`, in the limits of RFC 1035, under a suffix that can be public. */
function isPublicName(hostname: string): boolean {
  if (hostname.length > 253) return false
  // Punycode that decodes to nothing valid is left as it is.
  if (/(?:^|\.)xn--/.test(domainToUnicode(hostname))) return false
  const labels = hostname.split('.')
  const suffix = labels.at(-1)!
  if (labels.length < 2 || reservedSuffixes.has(suffix) || !/[a-z]/.test(suffix)) return false
  return labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
}
