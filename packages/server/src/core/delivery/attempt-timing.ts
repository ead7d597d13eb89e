/**
 * What the time of an attempt went into, each in milliseconds, one after the other. Null: it was not needed (a kept
 * connection needs no look-up), or it was not reached.
 */
export interface AttemptTiming {
  readonly dnsMs: number | null
  readonly connectMs: number | null
  readonly tlsMs: number | null
  /** From the request's sending to the first byte of the answer. */
  readonly firstByteMs: number | null
}

/** Of an attempt that was not sent. */
export const noTiming: AttemptTiming = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null }
