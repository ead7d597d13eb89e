import type { Authority } from './authority.ts'
import type { TokenNames } from './ended-tokens.ts'
import type { LiveToken } from './grant-table.ts'
import type { GrantParties } from './recognised-grant.ts'
import type { RecognisedTokens } from './recognised-tokens.ts'

/** A recognised token with what is needed to ask about it again. */
export interface KnownToken {
  live: LiveToken
  readonly text: string
  readonly authority: Authority
  readonly parties: GrantParties
  readonly grantId: string
  readonly names: TokenNames
  /** Epoch milliseconds from which it is no good. */
  goodUntilMs: number
  /** When it was last asked about. */
  checkedAtMs: number
  /** Requests and streams may use it: its grant is durable. */
  isShown: boolean
}

/** Of one grant: a client that fetches a token for every request does not fill the memory. */
const mostOfGrant = 100

/** Known tokens by their grants. */
export class KnownTokens {
  readonly #recognised: RecognisedTokens
  readonly #all = new Set<KnownToken>()
  readonly #byGrant = new Map<string, Set<KnownToken>>()

  constructor(recognised: RecognisedTokens) {
    this.#recognised = recognised
  }

  get size(): number {
    return this.#all.size
  }

  values(): Iterable<KnownToken> {
    return this.#all
  }

  has(known: KnownToken): boolean {
    return this.#all.has(known)
  }

  /** In the order in which they were recognised. */
  ofGrant(grantId: string): readonly KnownToken[] {
    return [...(this.#byGrant.get(grantId) ?? [])]
  }

  /** Past the most of a grant its oldest goes; it is recognised anew when it comes again. */
  add(known: KnownToken): void {
    const siblings = this.#byGrant.get(known.grantId) ?? new Set()
    this.#byGrant.set(known.grantId, siblings)
    for (const oldest of siblings) {
      if (siblings.size < mostOfGrant) break
      this.remove(oldest)
    }
    this.#byGrant.set(known.grantId, siblings.add(known))
    this.#all.add(known)
  }

  /** Lets requests and streams use it; false when it was removed meanwhile. */
  show(known: KnownToken): boolean {
    if (!this.#all.has(known)) return false
    known.isShown = true
    this.#recognised.put(known.live)
    return true
  }

  remove(known: KnownToken): void {
    this.#all.delete(known)
    const siblings = this.#byGrant.get(known.grantId)
    siblings?.delete(known)
    if (siblings?.size === 0) this.#byGrant.delete(known.grantId)
    if (known.isShown) this.#recognised.delete(known.live.token.id)
  }
}
