import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { Subscriptions } from './subscriptions.ts'

/** What the answers of a subscription's endpoint mean. Times are epoch milliseconds. */
export type HealthNews =
  | { readonly kind: 'failing'; readonly sinceMs: number }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'failed too long' }
  | { readonly kind: 'held'; readonly untilMs: number }

/** Events that Tidings raises of itself. */
export interface HealthEvents {
  subscription(
    type: 'subscription.failing' | 'subscription.recovered' | 'subscription.disabled',
    subscription: Subscription,
    facts: Readonly<Record<string, string | null>>,
    since?: string,
  ): void
}

export interface EndpointHealthDeps {
  readonly logger: { info(facts: object, message: string): void; warn(facts: object, message: string): void }
  readonly subscriptions: Pick<Subscriptions, 'update' | 'disable'>
  readonly operational: HealthEvents
  readonly onFailure: (error: unknown) => void
}

/** Keeps in a subscription's record what is known of its endpoint, and tells those who watch it. */
export class EndpointHealth {
  readonly #deps: EndpointHealthDeps

  constructor(deps: EndpointHealthDeps) {
    this.#deps = deps
  }

  heard(subscription: Subscription, news: HealthNews): void {
    const { logger, operational } = this.#deps
    const { id, failingSince: wasFailingSince } = subscription
    switch (news.kind) {
      case 'failing': {
        const failingSince = formatRfc3339(news.sinceMs)
        this.#note(id, (current) => ({ ...current, failingSince }))
        operational.subscription('subscription.failing', subscription, { failingSince }, failingSince)
        break
      }
      case 'held': {
        const hold = { url: subscription.endpoint.url, until: formatRfc3339(news.untilMs) }
        this.#note(id, (current) => ({ ...current, hold }))
        logger.info({ subscription: id, until: hold.until }, 'an endpoint asked to be left alone')
        break
      }
      case 'recovered':
        this.#note(id, (current) => ({ ...current, failingSince: null }))
        operational.subscription('subscription.recovered', subscription, { failingSince: wasFailingSince })
        break
      case 'failed too long':
        this.disable(subscription, 'failing')
        break
      default:
        news satisfies never
    }
  }

  disable(subscription: Subscription, reason: 'gone' | 'attempts_exhausted' | 'failing'): void {
    const { logger, subscriptions, operational, onFailure } = this.#deps
    logger.warn({ subscription: subscription.id, reason }, 'a subscription was disabled')
    subscriptions.disable({ kind: 'operator' }, subscription.id, reason).catch(onFailure)
    operational.subscription('subscription.disabled', subscription, { reason })
  }

  #note(id: string, change: (current: Subscription) => Subscription): void {
    this.#deps.subscriptions.update({ kind: 'operator' }, id, change).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === 'not_found')) this.#deps.onFailure(error)
    })
  }
}
