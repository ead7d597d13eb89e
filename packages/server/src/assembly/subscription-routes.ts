import { type Owner, owns } from '../core/credential/caller.ts'
import { onlyPartition } from '../core/event/partition.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import type { SubscriptionReadingRoutesDeps } from '../http/routes/subscription-reading.ts'
import type { SubscriptionRoutesDeps } from '../http/routes/subscriptions.ts'
import { testEvent } from '../match/test-event.ts'
import { pageOf } from '../registry/page.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import type { Foundation } from './foundation.ts'
import { hasGrant, notGrantedFacts } from './grant-facts.ts'
import { catchUpFacts, missedBy, mostCounted, subscriptionStats } from './reading-facts.ts'

/** What the routes about subscriptions ask for. */
export function subscriptionRouteDeps(
  foundation: Foundation,
  webhooks: Webhooks,
  subscriptions: Subscriptions,
): SubscriptionRoutesDeps & SubscriptionReadingRoutesDeps {
  const { clock, log, directory, catalogue } = foundation
  return {
    subscriptions,
    page: (owner, query) =>
      pageOf(query, {
        key: 'string',
        read: (after, limit) =>
          owner.kind === 'operator'
            ? directory.subscriptionPage(undefined, after, limit)
            : owned(owner, directory.subscriptionPage(owner.integrationId, after, Number.MAX_SAFE_INTEGER)).slice(
                0,
                limit,
              ),
        keyOf: ({ id }) => id,
      }),
    behind: (subscription) => webhooks.readership.behind(subscription.number),
    catchUp: (subscription) => catchUpFacts(webhooks.readership.reading(subscription.number)),
    eventsAfter: (position) => {
      const { earliest, latest } = log.bounds(onlyPartition)
      return Math.max(0, latest - Math.max(position, earliest))
    },
    hasGrant: (subscription) => hasGrant(foundation, subscription),
    notGrantedAfter: async (subscription, position) =>
      notGrantedFacts(
        foundation,
        subscription,
        await webhooks.leftOut.notGrantedAfter(subscription, position, mostCounted),
      ),
    stats: (subscription, asker) => subscriptionStats(foundation, webhooks, subscription, asker),
    missed: (subscription, asker) => missedBy(foundation, webhooks, subscription, asker),
    test: async (subscription, type) => {
      const [granted] = directory.grantedTenants(subscription.integrationId, clock.now())
      const event = testEvent(subscription, {
        types: [...catalogue().types(subscription.dialect)],
        tenantId: subscription.boundTenantId ?? granted,
        asked: type,
        nowMs: clock.now(),
      })
      const { status, durationMs, body, error } = await webhooks.test(subscription, event)
      return { status, error, durationMs, body }
    },
  }
}

export function owned(owner: Owner, subscriptions: Iterable<Subscription>): Subscription[] {
  return [...subscriptions].filter((subscription) => owns(owner, subscription))
}
