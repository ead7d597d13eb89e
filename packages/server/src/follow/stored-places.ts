import type { DeliveryKey } from '../core/delivery/delivery.ts'
import { type Shares, shareOf } from '../core/delivery/shares.ts'
import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { DueStore } from '../deliver/due-store.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'

export interface StoredPlacesDeps {
  readonly settling: SettlingStore
  readonly due: DueStore
  /** Those that this node owns. */
  readonly shares: Shares
}

interface TakenPlace {
  readonly row: SubscriptionProgress
  /** A run before this one may have read further for it than its row says. */
  readonly wasRead: boolean
  readonly known: Iterable<number>
}

/** Where the last run of the server left the subscriptions of a partition. */
export class StoredPlaces {
  /** Everything up to here is settled for those who take part in the shared loop. */
  readonly watermark: number
  /** Subscriptions that have a place and are not known here: deleted, or made by another node. What is theirs is left alone. */
  readonly strangers: readonly number[]
  readonly #rows = new Map<number, SubscriptionProgress>()
  readonly #known = new Map<number, Set<number>>()
  /** Made in this run: no run before has read for them. */
  readonly #new = new Set<number>()

  private constructor(watermark: number, strangers: readonly number[]) {
    this.watermark = watermark
    this.strangers = strangers
  }

  static async load(
    { settling, due, shares }: StoredPlacesDeps,
    partition: number,
    subscriptions: Iterable<Subscription>,
  ): Promise<StoredPlaces> {
    const state = await settling.load(shares)
    const watermark = state.watermarks.find((entry) => entry.partition === partition)?.position ?? 0
    const strangers: number[] = []
    const places = new StoredPlaces(watermark, strangers)
    const own = [...subscriptions].filter(({ number }) => shares.has(shareOf(number)))
    const byNumber = new Map(own.map((subscription) => [subscription.number, subscription]))
    let lowest = watermark
    for (const row of state.progress) {
      if (row.partition !== partition) continue
      if (!byNumber.has(row.subscription)) {
        strangers.push(row.subscription)
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
    const known = await due.knownAfter({ shares, partition, after: lowest })
    places.#know(known.filter(({ subscription }) => byNumber.has(subscription)))
    places.#know(await due.deliveredAfter(shares, delivered))
    return places
  }

  get(number: number): SubscriptionProgress | undefined {
    return this.#rows.get(number)
  }

  set(row: SubscriptionProgress): void {
    if (!this.#rows.has(row.subscription)) this.#new.add(row.subscription)
    this.#rows.set(row.subscription, row)
  }

  /** The place of a subscription that has one, and what needs no first attempt any more; both are the caller's from now on. */
  take(number: number): TakenPlace {
    const row = this.#rows.get(number)!
    const wasRead = !this.#new.delete(number)
    const taken = { row, wasRead, known: this.#known.get(number) ?? [] }
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
