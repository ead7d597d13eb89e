import { createHash, timingSafeEqual } from 'node:crypto'
import { AppError } from '../core/errors.ts'
import type { Agreement, Registration, Terms } from '../core/registry/registration.ts'
import type { PendingConsent, Subscription } from '../core/registry/registry.ts'

/** How long a receiver may take to consent: somebody may have to find the key in its log, after a weekend. */
const consentMs = 7 * 86_400_000
const keyBytes = 32

/** A key with which a receiver may consent later. */
interface ConsentOffer {
  readonly subscriptionId: string
  /** For the receiver alone; 256 random bits, URL-safe. */
  readonly key: string
  readonly consent: PendingConsent
}

/** A consent that came before what it is for was stored. */
export interface EarlyConsent {
  readonly subscriptionId: string
  readonly digest: string
  readonly terms: Terms
}

/** Receivers, as far as their dialects ask them whether they want deliveries. */
export interface Receivers {
  /**
   * Asks the receiver of one subscription; `offer` makes a key with which it may consent later.
   * `before` null: whatever was agreed.
   */
  register(subscription: Subscription, before: Subscription | null, offer: () => string): Promise<Registration>
}

/** A question, as a change of subscriptions uses it. @throws AppError `invalid_request` when the receiver refuses */
export type AskConsent = (subscription: Subscription, before: Subscription | null) => Promise<Agreement>

/**
 * Consents that are asked for. A receiver may consent while it is still being asked, before there is a
 * record to note it in; such consents are kept here, one for each question that is under way.
 */
export class Consents {
  readonly #early = new Map<string, Terms | null>()
  readonly #receivers: Receivers
  readonly #random: (bytes: number) => Uint8Array
  readonly #nowMs: () => number

  constructor(parts: {
    readonly receivers: Receivers
    readonly random: (bytes: number) => Uint8Array
    readonly nowMs: () => number
  }) {
    this.#receivers = parts.receivers
    this.#random = parts.random
    this.#nowMs = parts.nowMs
  }

  /** False: no such question is under way. */
  note(digest: string, terms: Terms): boolean {
    if (!this.#early.has(digest)) return false
    this.#early.set(digest, terms)
    return true
  }

  /** `work` asks receivers and stores what follows; consents that came before that are handed back with its result. */
  async during<T>(
    work: (ask: AskConsent) => Promise<T>,
  ): Promise<{ readonly result: T; readonly early: EarlyConsent[] }> {
    const offers: ConsentOffer[] = []
    const ask: AskConsent = async (subscription, before) => {
      let offer: ConsentOffer | undefined
      const registration = await this.#receivers.register(subscription, before, () => {
        offer = this.#offer(subscription.id)
        offers.push(offer)
        return offer.key
      })
      switch (registration.kind) {
        case 'pending':
          if (!offer) throw new Error('a consent is pending that was not offered')
          return { ...registration, consent: offer.consent }
        case 'refused': {
          const { code, detail } = registration
          throw new AppError('invalid_request', detail, { errors: [{ pointer: '/endpoint/url', code, detail }] })
        }
        default:
          return registration
      }
    }
    try {
      const result = await work(ask)
      return { result, early: offers.flatMap((offer) => this.#close(offer) ?? []) }
    } finally {
      for (const offer of offers) this.#close(offer)
    }
  }

  #offer(subscriptionId: string): ConsentOffer {
    const key = Buffer.from(this.#random(keyBytes)).toString('base64url')
    const digest = consentDigest(key)
    this.#early.set(digest, null)
    return { subscriptionId, key, consent: { digest, expiresAt: new Date(this.#nowMs() + consentMs).toISOString() } }
  }

  /** From now on the consent is the record's. */
  #close({ subscriptionId, consent: { digest } }: ConsentOffer): EarlyConsent | undefined {
    const terms = this.#early.get(digest)
    this.#early.delete(digest)
    return terms ? { subscriptionId, digest, terms } : undefined
  }
}

export function consentDigest(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex')
}

/** Whether this is the consent that is waited for, in time. */
export function isAwaited(pending: PendingConsent | undefined, digest: string, nowMs: number): boolean {
  if (!pending || Date.parse(pending.expiresAt) <= nowMs) return false
  return timingSafeEqual(Buffer.from(pending.digest), Buffer.from(digest))
}
