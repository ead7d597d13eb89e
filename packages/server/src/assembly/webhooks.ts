import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry.ts'
import { formatRfc3339 } from '../core/time.ts'
import type { EntitySources } from '../deliver/entity-source.ts'
import { Webhooks } from '../match/webhooks.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import { dialectByName, webhookDialectOf } from './dialects.ts'
import type { Foundation } from './foundation.ts'

const noDetails = {}

/** The delivery half of the data path over the foundation. `subscriptions` is asked for once something has happened. */
export function openWebhooks(
  foundation: Foundation,
  entitySources: EntitySources,
  subscriptions: () => Subscriptions,
): Promise<Webhooks> {
  const { config, clock, log, logger, delivery, directory, grants, catalogue, metrics, operational, onFailure } =
    foundation
  const note = (id: string, change: (current: Subscription) => Subscription) => {
    subscriptions()
      .update({ kind: 'operator' }, id, change)
      .catch((error: unknown) => {
        if (!(error instanceof AppError && error.code === 'not_found')) onFailure(error)
      })
  }
  return Webhooks.open({
    log,
    store: delivery,
    clock,
    random: Math.random,
    sender: foundation.sender,
    grants,
    attempts: config.attempts,
    types: () => [...catalogue().types()].map(({ type }) => type),
    subscriptions: () => directory.subscriptions.values(),
    dialectOf: webhookDialectOf,
    // A type that was taken from the catalogue keeps its own name where names are the types themselves.
    nameOf: (type, dialect) =>
      catalogue().nameIn(type, dialect) ?? (dialectByName.get(dialect)?.isCanonical ? type : undefined),
    offsetOf: foundation.offsetOf,
    entityOf: (event) => entitySources.entityOf(event),
    familyOf: (tenantId) => ({
      parentTenantId: directory.tenant(tenantId)?.parentId ?? null,
      hasChildTenants: directory.tenants.hasChildren(tenantId),
    }),
    detailsOf: (type, dialect) => catalogue().find(type)?.details.get(dialect) ?? noDetails,
    health: {
      failing: (subscription, sinceMs) => {
        const failingSince = formatRfc3339(sinceMs)
        note(subscription.id, (current) => ({ ...current, failingSince }))
        operational.subscription('subscription.failing', subscription, { failingSince }, failingSince)
      },
      recovered: (subscription) => {
        note(subscription.id, (current) => ({ ...current, failingSince: null }))
        operational.subscription('subscription.recovered', subscription, { failingSince: subscription.failingSince })
      },
      mustDisable: (subscription, reason) => {
        logger.warn({ subscription: subscription.id, reason }, 'a subscription was disabled')
        subscriptions().disable({ kind: 'operator' }, subscription.id, reason).catch(onFailure)
        operational.subscription('subscription.disabled', subscription, { reason })
      },
    },
    caughtUp: (subscription) => operational.subscription('subscription.caught-up', subscription),
    observe: (record) => {
      metrics.attempted(record)
      const { subscription, position, attempt, status, error, durationMs, outcome } = record
      logger.debug({ subscription, position, attempt, status, error, durationMs, outcome }, 'attempt')
    },
    onFailure,
  })
}

/** Lets webhooks follow the registry from now on. */
export function followSubscriptions({ directory }: Foundation, webhooks: Webhooks): void {
  for (const subscription of directory.subscriptions.values()) webhooks.apply(subscription.number, subscription)
  directory.onChanged((changes) => {
    for (const change of changes) {
      if (change.kind !== 'subscription') continue
      const number = change.value?.number ?? change.previous?.number
      if (number !== undefined) webhooks.apply(number, change.value)
    }
  })
}
