export interface AccessGrant {
  readonly token: string
  /** Epoch milliseconds from which it is not to be used any more. */
  readonly staleAtMs: number
}

/** For answers that leave `expires_in` out. */
const defaultLifetimeSeconds = 300
const maxLifetimeSeconds = 24 * 3600
/** A token is fetched anew this long before it expires, or for short ones at nine tenths of their life. */
const marginSeconds = 60

/** Reads a token endpoint's answer (RFC 6749 §5.1). Null when it grants no bearer token that fits a header. */
export function parseTokenAnswer(body: string, nowMs: number): AccessGrant | null {
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    return null
  }
  if (typeof answer !== 'object' || answer === null) return null
  const { access_token: token, token_type: type, expires_in: expiresIn } = answer as Record<string, unknown>
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return null
  if (type !== undefined && String(type).toLowerCase() !== 'bearer') return null
  const lifetime = lifetimeSeconds(expiresIn)
  return { token, staleAtMs: nowMs + Math.max(lifetime - marginSeconds, lifetime * 0.9) * 1000 }
}

function lifetimeSeconds(value: unknown): number {
  // Some servers write it as a string.
  const seconds = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) return defaultLifetimeSeconds
  return Math.min(seconds, maxLifetimeSeconds)
}
