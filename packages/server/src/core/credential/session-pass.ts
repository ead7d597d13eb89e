import { type SealingKey, sealText, unsealText } from './seal.ts'

/**
 * What a browser keeps of its session: which one it is, and when it was last used. Sealed by the server, so that it
 * can be neither made nor changed elsewhere, and an idle session ends without a write for every request.
 */
export interface SessionPass {
  /** `ses_…` */
  readonly sessionId: string
  /** Epoch milliseconds. */
  readonly usedAtMs: number
}

/** A session ends a working day after it began, whatever happens … */
export const sessionMs = 12 * 3_600_000
/** … and when nobody has used it for an hour. */
export const idleMs = 3_600_000
/** A pass is made anew at most this often. */
const renewalMs = 60_000

/** Where the sealed text belongs: nothing else that the server seals opens as a pass. */
const context = 'session pass'

/** @param nonce 12 random bytes. */
export function sealPass({ sessionId, usedAtMs }: SessionPass, key: SealingKey, nonce: Uint8Array): string {
  return sealText(`${sessionId} ${usedAtMs}`, context, key, nonce)
}

/** Undefined: this server made no such pass. */
export function openPass(sealed: string, keys: readonly SealingKey[]): SessionPass | undefined {
  const [, sessionId, usedAt] = /^(ses_\w+) (\d+)$/.exec(unsealText(sealed, context, keys) ?? '') ?? []
  return sessionId === undefined ? undefined : { sessionId, usedAtMs: Number(usedAt) }
}

/** When a session ends unless it is used before. @param endsAtMs whatever happens */
export function endOf({ usedAtMs }: SessionPass, endsAtMs: number): number {
  return Math.min(usedAtMs + idleMs, endsAtMs)
}

export function wantsRenewal({ usedAtMs }: SessionPass, nowMs: number): boolean {
  return nowMs - usedAtMs >= renewalMs
}
