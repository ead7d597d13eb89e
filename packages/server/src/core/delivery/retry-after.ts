import { httpDateMs } from '../time/http-date.ts'

const shortestMs = 1_000
/** The longest wait that an endpoint may ask for. */
export const longestRetryAfterMs = 86_400_000

/**
 * `Retry-After` (RFC 9110 §10.2.3: seconds, or an HTTP date) as milliseconds from now, 1 s to 24 h.
 * Null for what is neither. A number too large is clamped: unclamped it would overflow a timer and
 * fire at once.
 */
export function retryAfterMs(value: string | null, nowMs: number): number | null {
  if (value === null) return null
  const text = value.trim()
  if (/^\d+$/.test(text)) return clamp(Number(text) * 1_000)
  const atMs = httpDateMs(text, nowMs)
  return atMs === null ? null : clamp(atMs - nowMs)
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, shortestMs), longestRetryAfterMs)
}
