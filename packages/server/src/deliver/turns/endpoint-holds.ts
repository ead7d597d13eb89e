import { longestRetryAfterMs } from '../../core/delivery/retry-after.ts'
import type { Subscription } from '../../core/registry/registry.ts'

/** Endpoints that are held at once; past it the one that was held first is forgotten, and asks again. */
const mostHolds = 10_000

/**
 * Endpoints that asked for nothing to be sent until a time: `429` and `503` with `Retry-After` speak for the whole
 * endpoint, not for the one delivery (RFC 6585 4, RFC 9110 15.6.4). An endpoint here is origin and path, for all
 * subscriptions of one integration: a receiver tells tenants apart by the query and is one server all the same. What one
 * integration was answered never holds up another, which may be trusted more at the same URL.
 *
 * A hold of a minute or more also stands in the subscription's record, so that a restart does not end it.
 */
export class EndpointHolds {
  readonly #untilMs = new Map<string, number>()

  /** Until when nothing is sent; 0: it is not held. */
  untilMs(subscription: Subscription, nowMs: number): number {
    const untilMs = this.#untilMs.size === 0 ? 0 : (this.#untilMs.get(keyOf(subscription)) ?? 0)
    // Further away than any hold: the clock was set back, and it would last until it comes round again.
    return untilMs > nowMs && untilMs - nowMs <= longestRetryAfterMs ? untilMs : 0
  }

  /** At a start: what one subscription was answered holds all others of its endpoint again. */
  recall(subscription: Subscription, nowMs: number): void {
    const { hold, endpoint } = subscription
    if (hold?.url === endpoint.url) this.hold(subscription, Date.parse(hold.until), nowMs)
  }

  hold(subscription: Subscription, untilMs: number, nowMs: number): void {
    for (const [key, ms] of this.#untilMs) {
      if (ms > nowMs && this.#untilMs.size < mostHolds) break
      this.#untilMs.delete(key)
    }
    const key = keyOf(subscription)
    this.#untilMs.set(key, Math.max(untilMs, this.#untilMs.get(key) ?? 0))
  }

  /** Somebody says that it may be tried at once. */
  release(subscription: Subscription): void {
    this.#untilMs.delete(keyOf(subscription))
  }
}

function keyOf({ integrationId, endpoint }: Subscription): string {
  const query = endpoint.url.indexOf('?')
  return `${integrationId} ${query < 0 ? endpoint.url : endpoint.url.slice(0, query)}`
}
