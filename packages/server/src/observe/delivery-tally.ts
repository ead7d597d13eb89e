import { Counter, type Registry } from 'prom-client'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import type { Subscription } from '../core/registry/registry.ts'

/** The label of all subscriptions beyond the cap, and of those that were deleted. */
const other = 'other'

type Counts = Map<AttemptRecord['outcome'], number>

/**
 * Attempts by what the delivery became, for each dialect and for each of the first `cap` subscriptions. They are plain
 * numbers until somebody scrapes them: a labelled counter of the library costs ten times as much for each attempt.
 */
export class DeliveryTally {
  readonly #byDialect = new Map<string, Counts>()
  readonly #bySubscription = new Map<string, Counts>()
  readonly #others: Counts = new Map()
  readonly #cap: number

  /** @param cap of subscriptions that have a label of their own */
  constructor(cap: number) {
    this.#cap = cap
  }

  add({ id, dialect }: Pick<Subscription, 'id' | 'dialect'>, outcome: AttemptRecord['outcome']): void {
    let ofDialect = this.#byDialect.get(dialect)
    if (!ofDialect) {
      ofDialect = new Map()
      this.#byDialect.set(dialect, ofDialect)
    }
    ofDialect.set(outcome, (ofDialect.get(outcome) ?? 0) + 1)
    const own = this.#bySubscription.get(id) ?? this.#admitted(id)
    own.set(outcome, (own.get(outcome) ?? 0) + 1)
  }

  /** A deleted subscription makes room for another one; what it counted stays in the sum. */
  forget(id: string): void {
    for (const [outcome, count] of this.#bySubscription.get(id) ?? []) {
      this.#others.set(outcome, (this.#others.get(outcome) ?? 0) + count)
    }
    this.#bySubscription.delete(id)
  }

  register(registry: Registry): void {
    const registers = [registry]
    const [byDialect, bySubscription, others] = [this.#byDialect, this.#bySubscription, this.#others]
    new Counter({
      name: 'tidings_delivery_attempts_total',
      help: 'Webhook attempts, by dialect and by what the delivery became: delivered, waiting or failed',
      labelNames: ['dialect', 'outcome'],
      registers,
      collect() {
        this.reset()
        for (const [dialect, counts] of byDialect) {
          for (const [outcome, count] of counts) this.inc({ dialect, outcome }, count)
        }
      },
    })
    new Counter({
      name: 'tidings_subscription_attempts_total',
      help: 'The same by subscription, of the first ones up to metricSubscriptions; the others together are `other`',
      labelNames: ['subscription', 'outcome'],
      registers,
      collect() {
        this.reset()
        for (const [subscription, counts] of [...bySubscription, [other, others] as const]) {
          for (const [outcome, count] of counts) this.inc({ subscription, outcome }, count)
        }
      },
    })
  }

  #admitted(id: string): Counts {
    if (this.#bySubscription.size >= this.#cap) return this.#others
    const own: Counts = new Map()
    this.#bySubscription.set(id, own)
    return own
  }
}
