import type { DeliveryKey } from '../core/delivery.ts'
import type { Subscription } from '../core/registry.ts'
import type { DeliveryStore, SubscriptionProgress } from '../deliver/delivery-store.ts'

/** Where the last run of the server left the subscriptions of a partition. */
export class StoredPlaces {
  /** Everything up to here is settled for those who take part in the shared loop. */
  readonly watermark: number
  readonly #rows = new Map<number, SubscriptionProgress>()
  readonly #known = new Map<number, Set<number>>()

  private constructor(watermark: number) {
    this.watermark = watermark
  }

  static async load(
    store: DeliveryStore,
    partition: number,
    subscriptions: Iterable<Subscription>,
  ): Promise<StoredPlaces> {
    const state = await store.load()
    const watermark = state.watermarks.find((entry) => entry.partition === partition)?.position ?? 0
    const places = new StoredPlaces(watermark)
    const byNumber = new Map([...subscriptions].map((subscription) => [subscription.number, subscription]))
    let lowest = watermark
    for (const row of state.progress) {
      if (row.partition !== partition) continue
      if (!byNumber.has(row.subscription)) {
        // A crash came between its deletion, or its creation, and the end of it.
        await store.forget(row.subscription)
        continue
      }
      places.#rows.set(row.subscription, row)
      if (row.mode === 'own') lowest = Math.min(lowest, row.position)
    }
    const delivered = [...byNumber.values()].map(({ number, replayedAt }) => {
      const row = places.#rows.get(number)
      const isShared = row?.mode !== 'own'
      return {
        subscription: number,
        partition,
        after: isShared ? Math.max(watermark, row?.position ?? 0) : row.position,
        // A replay is to send again what was delivered before it was asked for.
        sinceMs: isShared || replayedAt === null ? 0 : Date.parse(replayedAt),
      }
    })
    places.#know(await store.knownAfter({ partition, after: lowest }))
    places.#know(await store.deliveredAfter(delivered))
    return places
  }

  get(number: number): SubscriptionProgress | undefined {
    return this.#rows.get(number)
  }

  set(row: SubscriptionProgress): void {
    this.#rows.set(row.subscription, row)
  }

  /** The place of a subscription, and what needs no first attempt any more; both are the caller's from now on. */
  take(number: number): { readonly row: SubscriptionProgress | undefined; readonly known: Iterable<number> } {
    const taken = { row: this.#rows.get(number), known: this.#known.get(number) ?? [] }
    this.#rows.delete(number)
    this.#known.delete(number)
    return taken
  }

  #know(keys: readonly DeliveryKey[]): void {
    for (const key of keys) {
      const known = this.#known.get(key.subscription)
      if (known) known.add(key.position)
      else this.#known.set(key.subscription, new Set([key.position]))
    }
  }
}
