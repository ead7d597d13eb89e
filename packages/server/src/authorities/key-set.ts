import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Clock } from '../core/clock.ts'
import type { AuthorityFetch } from './authority-fetch.ts'

type KeysAnswer =
  | { readonly kind: 'keys'; readonly keyOf: JWTVerifyGetKey }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** A key that the issuer withdrew is trusted no longer than this. */
const keptMs = 300_000
/** Between two fetches for keys that are not known: tokens with made-up key ids cost the issuer no more than this. */
const cooldownMs = 5_000
const mostKeys = 100

/** The keys behind a JWKS URL (RFC 7517 §5), fetched when they are needed, one fetch at a time. */
export class KeySet {
  readonly #url: string
  readonly #timeoutMs: number
  readonly #fetch: AuthorityFetch
  readonly #clock: Pick<Clock, 'now'>
  #keyOf: JWTVerifyGetKey | null = null
  #fetchedAtMs = Number.NEGATIVE_INFINITY
  #askedAtMs = Number.NEGATIVE_INFINITY
  #failure = 'failed'
  #fetching: Promise<void> | null = null

  constructor(parts: { url: string; timeoutMs: number; fetch: AuthorityFetch; clock: Pick<Clock, 'now'> }) {
    this.#url = parts.url
    this.#timeoutMs = parts.timeoutMs
    this.#fetch = parts.fetch
    this.#clock = parts.clock
  }

  /** The keys as they were fetched within the last five minutes. */
  async current(): Promise<KeysAnswer> {
    if (this.#clock.now() - this.#fetchedAtMs >= keptMs && this.#mayAsk()) await this.#refetch()
    return this.#answer()
  }

  /** The keys fetched anew for one that was not among them; null: that was done a moment ago. */
  async renewed(): Promise<KeysAnswer | null> {
    if (this.#fetching) await this.#fetching
    else if (!this.#mayAsk()) return null
    else await this.#refetch()
    return this.#answer()
  }

  #answer(): KeysAnswer {
    if (this.#keyOf === null || this.#clock.now() - this.#fetchedAtMs >= keptMs) {
      return { kind: 'unavailable', reason: this.#failure }
    }
    return { kind: 'keys', keyOf: this.#keyOf }
  }

  #mayAsk(): boolean {
    return this.#fetching !== null || this.#clock.now() - this.#askedAtMs >= cooldownMs || this.#isFirst
  }

  get #isFirst(): boolean {
    return this.#askedAtMs === Number.NEGATIVE_INFINITY
  }

  #refetch(): Promise<void> {
    this.#fetching ??= this.#readKeys().finally(() => {
      this.#fetching = null
    })
    return this.#fetching
  }

  async #readKeys(): Promise<void> {
    this.#askedAtMs = this.#clock.now()
    const askedAtMs = this.#askedAtMs
    const answer = await this.#fetch.ask({ method: 'GET', url: this.#url, headers: {}, timeoutMs: this.#timeoutMs })
    if (answer.kind === 'unavailable') {
      this.#failure = answer.reason
      return
    }
    const keys = readKeys(answer.value)
    if (keys === null) {
      this.#failure = 'invalid_keys'
      return
    }
    this.#keyOf = createLocalJWKSet(keys)
    this.#fetchedAtMs = askedAtMs
  }
}

/** Only what has a public half: a secret in a key set would be a secret that everybody knows. */
function readKeys(value: unknown): JSONWebKeySet | null {
  const keys = (value as { keys?: unknown } | null)?.keys
  if (!Array.isArray(keys) || keys.length > mostKeys) return null
  const isPublic = (key: unknown): boolean => {
    const kty = typeof key === 'object' && key !== null ? (key as { kty?: unknown }).kty : undefined
    return kty === 'RSA' || kty === 'EC' || kty === 'OKP'
  }
  return { keys: keys.filter(isPublic) }
}
