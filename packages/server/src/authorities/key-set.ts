import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { fullBucket, type TokenBucket, takeToken } from '../core/limit/token-bucket.ts'
import type { Clock } from '../core/time/clock.ts'
import type { AuthorityFetch } from './authority-fetch.ts'
import { AuthorityRest } from './rest.ts'

type KeysAnswer =
  /** `fetch` is the number of the fetch that brought them. */
  | { readonly kind: 'keys'; readonly keyOf: JWTVerifyGetKey; readonly fetch: number }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** A key that the issuer withdrew is trusted no longer than this. */
const keptMs = 300_000
/** Fetches for keys that are not known, while the issuer answers: made-up key ids cost it no more than this. */
const renewals = { ratePerSecond: 1 / 5, burst: 3 }
const mostKeys = 100

/**
 * The keys behind a JWKS URL (RFC 7517 §5), fetched when they are needed, one fetch at a time.
 *
 * A token that names a key which is not among them is either a stranger's, or a good one of an issuer that has just
 * rotated. Only the issuer can tell, and how the last fetch ended says whether it can be asked:
 * - It failed: nobody knows the issuer's keys now, so the token is neither good nor bad (`unavailable`). Another try
 *   comes after a rest of a second, so a good token works a second after the issuer is back.
 * - It succeeded: the issuer is asked again, and the answer is final, because these keys are newer than the token. Once
 *   such questions have come too often, somebody makes key ids up: the token is refused unasked (`spent`), which
 *   nobody remembers, so a good one among them works as soon as the next fetch is due.
 * Keys that are known go on for as long as they are kept, whatever becomes of the fetches for others.
 */
export class KeySet {
  readonly #url: string
  readonly #timeoutMs: number
  readonly #fetch: AuthorityFetch
  readonly #clock: Pick<Clock, 'now'>
  readonly #rest: AuthorityRest
  #keyOf: JWTVerifyGetKey | null = null
  /** The fetch that brought the keys: its number, and when it began. */
  #keysFetch = 0
  #keysFromMs = Number.NEGATIVE_INFINITY
  #failure = 'failed'
  /** The last fetch failed. */
  #isFailing = false
  #fetches = 0
  #fetching: Promise<void> | null = null
  readonly #renewals: TokenBucket

  constructor(parts: { url: string; timeoutMs: number; fetch: AuthorityFetch; clock: Pick<Clock, 'now'> }) {
    this.#url = parts.url
    this.#timeoutMs = parts.timeoutMs
    this.#fetch = parts.fetch
    this.#clock = parts.clock
    this.#rest = new AuthorityRest(parts.clock)
    this.#renewals = fullBucket(renewals, parts.clock.now())
  }

  /** How many fetches have begun. */
  get fetches(): number {
    return this.#fetches
  }

  get isResting(): boolean {
    return !this.#rest.isOver
  }

  /** Whether there are none that may still be used. */
  get areOut(): boolean {
    const ageMs = this.#clock.now() - this.#keysFromMs
    // Younger than nothing: the clock was set back, and they would be trusted until it comes round again.
    return this.#keyOf === null || ageMs >= keptMs || ageMs < 0
  }

  /** The keys as they were fetched within the last five minutes. */
  async current(): Promise<KeysAnswer> {
    if (this.areOut) {
      if (this.isResting) return resting
      await this.#refetch()
    }
    return this.#answer()
  }

  /** The keys by a fetch with a higher number than this. */
  async after(fetch: number): Promise<KeysAnswer | { readonly kind: 'spent' }> {
    // One that began earlier may have been answered before the issuer rotated.
    if (this.#fetches <= fetch) await this.#fetching
    if (this.#fetches <= fetch) {
      if (this.isResting) return resting
      if (!this.#isFailing && takeToken(this.#renewals, renewals, this.#clock.now()) > 0) return { kind: 'spent' }
      await this.#refetch()
    } else await this.#fetching
    return this.#keysFetch > fetch ? this.#answer() : { kind: 'unavailable', reason: this.#failure }
  }

  #answer(): KeysAnswer {
    if (this.#keyOf === null || this.areOut) return { kind: 'unavailable', reason: this.#failure }
    return { kind: 'keys', keyOf: this.#keyOf, fetch: this.#keysFetch }
  }

  #refetch(): Promise<void> {
    this.#fetching ??= this.#readKeys().finally(() => {
      this.#fetching = null
    })
    return this.#fetching
  }

  async #readKeys(): Promise<void> {
    const fetch = ++this.#fetches
    const beganMs = this.#clock.now()
    const answer = await this.#fetch.ask({ method: 'GET', url: this.#url, headers: {}, timeoutMs: this.#timeoutMs })
    const keys = answer.kind === 'json' ? readKeys(answer.value) : null
    this.#isFailing = keys === null
    if (keys === null) {
      this.#failure = answer.kind === 'unavailable' ? answer.reason : 'invalid_keys'
      this.#rest.begin()
      return
    }
    this.#keyOf = createLocalJWKSet(keys)
    this.#keysFetch = fetch
    this.#keysFromMs = beganMs
  }
}

const resting = { kind: 'unavailable', reason: 'resting' } as const

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
