/**
 * The validation handshake of "HTTP 1.1 Web Hooks for Event Delivery" 1.0, §4: before the first
 * delivery the receiver is asked whether it wants any, so that nobody can point the server at a
 * site that does not expect its requests.
 *
 *   OPTIONS /hook                                 200
 *   WebHook-Request-Origin: hooks.example.com     WebHook-Allowed-Origin: hooks.example.com
 *   WebHook-Request-Callback: https://…           WebHook-Allowed-Rate: 120
 *   WebHook-Request-Rate: 120
 */
export interface HandshakeQuestion {
  /** The endpoint, exactly as deliveries will go to it. */
  readonly url: string
  /** DNS name of the sending system, the same on every delivery after it. */
  readonly origin: string
  /** Where consent may be given later by GET or POST, with a secret that nobody can guess; null: consent now or never. */
  readonly callback: string | null
  /** Requests a minute, from 1; null: none is asked for. */
  readonly ratePerMinute: number | null
}

export interface HandshakeRequest {
  readonly method: 'OPTIONS'
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: null
}

export type HandshakeVerdict =
  /** `ratePerMinute` null: as many as there are. */
  | { readonly kind: 'granted'; readonly ratePerMinute: number | null }
  /** It said nothing, and may consent by the callback. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'refused'; readonly reason: HandshakeRefusal }

export type HandshakeRefusal =
  /** No answer at all. */
  | 'unreachable'
  /** An answer without consent, as every site gives that knows nothing of webhooks. */
  | 'no_consent'
  /** It allows another sender. */
  | 'origin_not_allowed'
  | 'rate_missing'
  | 'rate_invalid'

export function handshakeRequest({ url, origin, callback, ratePerMinute }: HandshakeQuestion): HandshakeRequest {
  const headers: [string, string][] = [['webhook-request-origin', origin]]
  if (callback !== null) headers.push(['webhook-request-callback', callback])
  if (ratePerMinute !== null) headers.push(['webhook-request-rate', String(ratePerMinute)])
  return { method: 'OPTIONS', url, headers, body: null }
}

/**
 * What the answer means. Its status says nothing (§4.2): sites answer OPTIONS with 200 that never
 * heard of webhooks.
 *
 * @param answer null: none came. Header names in lower case.
 */
export function judgeHandshake(
  question: HandshakeQuestion,
  answer: { readonly headers: Readonly<Record<string, string>> } | null,
): HandshakeVerdict {
  if (answer === null) return { kind: 'refused', reason: 'unreachable' }
  const allowedOrigin = answer.headers['webhook-allowed-origin']?.trim()
  if (allowedOrigin === undefined) {
    return question.callback === null ? { kind: 'refused', reason: 'no_consent' } : { kind: 'pending' }
  }
  // DNS names have no letter case.
  if (allowedOrigin !== '*' && allowedOrigin.toLowerCase() !== question.origin.toLowerCase()) {
    return { kind: 'refused', reason: 'origin_not_allowed' }
  }
  const allowedRate = answer.headers['webhook-allowed-rate']
  if (allowedRate === undefined && question.ratePerMinute !== null) return { kind: 'refused', reason: 'rate_missing' }
  return grantedAt(allowedRate)
}

/**
 * What a call of the callback means: consent, with a rate or without (§4.1.3).
 *
 * @param allowedRate the call's `WebHook-Allowed-Rate`, if it has one.
 */
export function judgeHandshakeCallback(allowedRate: string | undefined): HandshakeVerdict {
  return grantedAt(allowedRate)
}

/** What is granted, as a subscription has it. */
export function rateOf({ ratePerMinute }: Extract<HandshakeVerdict, { kind: 'granted' }>): { ratePerSecond?: number } {
  return ratePerMinute === null ? {} : { ratePerSecond: ratePerMinute / 60 }
}

function grantedAt(allowedRate: string | undefined): HandshakeVerdict {
  const text = allowedRate?.trim() ?? '*'
  if (text === '*') return { kind: 'granted', ratePerMinute: null }
  const ratePerMinute = /^\d{1,15}$/.test(text) ? Number(text) : 0
  return ratePerMinute > 0 ? { kind: 'granted', ratePerMinute } : { kind: 'refused', reason: 'rate_invalid' }
}
