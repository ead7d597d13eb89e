import type { AttemptTiming } from '../core/delivery/attempt-timing.ts'
import type { AttemptError } from '../core/delivery/delivery.ts'
import type { Standing } from '../core/delivery/standing.ts'

/** One HTTP request to a receiver, complete but for the connection. */
export interface OutgoingRequest {
  readonly method: 'POST' | 'GET' | 'OPTIONS'
  /** Absolute. Userinfo is never part of it. */
  readonly url: string
  /** In wire order; names in the spelling that goes on the wire. `content-length` and `host` are the transport's. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | Uint8Array | null
  /** Whole attempt, from the name lookup to the last byte read; 1,000 to 30,000. */
  readonly timeoutMs: number
  /** The result carries the answer's headers, also of a success. */
  readonly wantsHeaders?: boolean
  /** Mutual TLS and private CAs, PEM. */
  readonly tls?: { readonly certificate?: string; readonly key?: string; readonly ca?: string }
}

/** A request without the parts that a subscription adds: headers, credentials and time-out. */
export type BareRequest = Pick<OutgoingRequest, 'method' | 'url' | 'headers' | 'body'>

/** The result of a request. A status that the dialect does not count as success is no `error` here; the dialect's policy decides that. */
export interface TransportResult {
  /** The HTTP status, or null when none was read. */
  readonly status: number | null
  /** Why there is no usable answer; null when a status was read and HTTP's framing held. */
  readonly error: AttemptError | null
  /** Up to 16 KiB of the answer's body, decoded by its charset with replacement, or that it is compressed; null when there was no answer. */
  readonly body: string | null
  /** The `Retry-After` header as it came, if it came. */
  readonly retryAfter: string | null
  /** Lower-case names; at most 32 headers and 4 KiB are kept. Of a 2xx none unless the request wants them. */
  readonly headers: Readonly<Record<string, string>>
  readonly durationMs: number
  readonly timing: AttemptTiming
  /** The answer was not read to its end: it was too long, too slow, or broke off. Its status counts all the same. */
  readonly isCutShort: boolean
}

/**
 * Sends requests to receivers. Never throws for what a receiver does: every ending is a result.
 * No redirects, no decompression, no cookies, nothing kept between attempts but idle connections.
 * No request leaves for a forbidden address, whatever a name resolves to at that moment.
 */
export interface Transport {
  /** `standing`: what is known of the receiver. */
  send(request: OutgoingRequest, standing: Standing): Promise<TransportResult>
  close(): Promise<void>
}

/** Of successes, which are nearly all, nobody looks at the headers: they do not cross the thread for it. */
export function carriesHeaders(
  { wantsHeaders }: Pick<OutgoingRequest, 'wantsHeaders'>,
  status: number | null,
): boolean {
  return wantsHeaders === true || status === null || status < 200 || status > 299
}
