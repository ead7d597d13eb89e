import type { SigningSecret } from '../registry/registry.ts'

/** Made afresh for a subscription: what its signatures are made with. */
export interface MadeSecret {
  /** What the integrator needs to verify and has to keep to itself; null: there is none. */
  readonly shown: string | null
  /** Empty: this dialect does not sign. */
  readonly records: readonly SigningSecret[]
}

/** The secrets of before that go on signing beside a new one, until the overlap ends. */
export function overlapping(
  secrets: readonly SigningSecret[],
  nowMs: number,
  overlapSeconds: number,
): readonly SigningSecret[] {
  const untilMs = nowMs + overlapSeconds * 1_000
  return secrets
    .filter((secret) => overlapSeconds > 0 && (secret.expiresAt === null || Date.parse(secret.expiresAt) > nowMs))
    .map((secret) => ({
      ...secret,
      expiresAt: new Date(
        Math.min(untilMs, secret.expiresAt === null ? untilMs : Date.parse(secret.expiresAt)),
      ).toISOString(),
    }))
    .slice(0, 4)
}
