import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'

const retryMs = 1_000

export interface AdoptionsDeps {
  readonly settling: Pick<SettlingStore, 'place'>
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

/**
 * Subscriptions that are to be read here and whose place is not known here: another node made them, or the registry
 * was restored from a later backup than the places. Their place is asked for, and inserted where there is none.
 */
export class Adoptions {
  readonly #deps: AdoptionsDeps
  /** As they are now; null: deleted meanwhile. */
  readonly #underWay = new Map<number, Subscription | null>()
  #isStopped = false

  constructor(deps: AdoptionsDeps) {
    this.#deps = deps
  }

  /** Notes how a subscription is now. False: it is not being adopted. */
  note(number: number, subscription: Subscription | null): boolean {
    if (!this.#underWay.has(number)) return false
    this.#underWay.set(number, subscription)
    return true
  }

  /** @param adopted called with the subscription as it is by then, unless it was deleted */
  async begin(
    subscription: Subscription,
    beginning: SubscriptionProgress,
    adopted: (subscription: Subscription, place: SubscriptionProgress) => void,
  ): Promise<void> {
    const { number } = subscription
    this.#underWay.set(number, subscription)
    const place = await this.#placeOf(beginning)
    const current = this.#underWay.get(number)
    this.#underWay.delete(number)
    if (place && current) adopted(current, place)
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Undefined: it was deleted, or this was stopped, before the store had answered. */
  async #placeOf(beginning: SubscriptionProgress): Promise<SubscriptionProgress | undefined> {
    const { settling, clock, onFailure } = this.#deps
    // Asked for once it was deleted, a place would be inserted that nobody takes away any more.
    while (!this.#isStopped && this.#underWay.get(beginning.subscription)) {
      try {
        const place = await settling.place(beginning)
        return this.#isStopped ? undefined : place
      } catch (error) {
        if (this.#isStopped) return undefined
        onFailure(error)
        await new Promise<void>((resolve) => clock.schedule(retryMs, resolve))
      }
    }
    return undefined
  }
}
