import { type DeliveryKey, deliveryKeyText } from '../core/delivery/delivery.ts'

/** Waiting rows that a lane has in memory: queued, under way, or settled and not written yet. The store is not asked for them. */
export class Claims {
  readonly #keys = new Set<string>()
  readonly #bySubscription = new Map<number, Set<string>>()

  /** Each by `deliveryKeyText`. */
  get keys(): ReadonlySet<string> {
    return this.#keys
  }

  has(delivery: DeliveryKey): boolean {
    return this.#keys.has(deliveryKeyText(delivery))
  }

  add(delivery: DeliveryKey): void {
    const key = deliveryKeyText(delivery)
    this.#keys.add(key)
    const own = this.#bySubscription.get(delivery.subscription)
    if (own) own.add(key)
    else this.#bySubscription.set(delivery.subscription, new Set([key]))
  }

  end(delivery: DeliveryKey): void {
    const key = deliveryKeyText(delivery)
    if (!this.#keys.delete(key)) return
    const own = this.#bySubscription.get(delivery.subscription)
    own?.delete(key)
    if (own?.size === 0) this.#bySubscription.delete(delivery.subscription)
  }

  /** Its subscription is gone: nobody says what becomes of them. */
  forget(subscription: number): void {
    for (const key of this.#bySubscription.get(subscription) ?? []) this.#keys.delete(key)
    this.#bySubscription.delete(subscription)
  }
}
