import type { Catalogue } from '../catalogue/catalogue.ts'
import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import { EndpointNews } from '../deliver/endpoint-news.ts'
import type { EntitySources } from '../deliver/entity-source.ts'
import { Webhooks } from '../follow/webhooks.ts'
import { grantHistoryOf } from '../registry/grant-history.ts'
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
  const { config, clock, log, logger, history, directory, grants, catalogue, metrics, operational, onFailure } =
    foundation
  const note = (id: string, change: (current: Subscription) => Subscription) => {
    subscriptions()
      .update({ kind: 'operator' }, id, change)
      .catch((error: unknown) => {
        if (!(error instanceof AppError && error.code === 'not_found')) onFailure(error)
      })
  }
  const news = new EndpointNews({
    history,
    startedMs: clock.now(),
    // Never the path or the query: they may hold a secret.
    tell: ({ turn, subscription: { id, integrationId, endpoint }, error }) =>
      logger.info(
        { subscription: id, integration: integrationId, host: new URL(endpoint.url).host, error },
        `endpoint ${turn}`,
      ),
    onFailure,
  })
  directory.onChanged((changes) => {
    for (const { kind, value, previous } of changes) {
      if (kind !== 'subscription' || value !== null || !previous) continue
      news.forget(previous.number)
      metrics.forgotten(previous.id)
    }
  })
  return Webhooks.open({
    log,
    settling: foundation.settling,
    due: foundation.due,
    history,
    clock,
    random: Math.random,
    sender: foundation.sender,
    grants,
    grantHistoryOf: (integrationId) => grantHistoryOf(directory, integrationId, clock.now()),
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
      held: (subscription, untilMs) => {
        const hold = { url: subscription.endpoint.url, until: formatRfc3339(untilMs) }
        note(subscription.id, (current) => ({ ...current, hold }))
        logger.info({ subscription: subscription.id, until: hold.until }, 'an endpoint asked to be left alone')
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
    observe: (record, owner) => {
      metrics.attempted(record, owner)
      news.attempted(owner, record)
      const { subscription, position, attempt, status, error, durationMs, outcome } = record
      logger.debug({ subscription, position, attempt, status, error, durationMs, outcome }, 'attempt')
    },
    onFailure,
  })
}

/** Lets webhooks follow the registry, and the catalogue where a dialect asks for types by it, from now on. */
export function followSubscriptions(
  { directory, catalogue, onFailure }: Foundation,
  webhooks: Webhooks,
  subscriptions: Subscriptions,
): void {
  const meant = (subscription: Subscription) => withMeantTypes(subscription, catalogue())
  /** The first event of a new type may follow at once: webhooks know before the registry has written it. */
  const follow = (subscription: Subscription) => {
    webhooks.apply(subscription.number, meant(subscription))
    if (meant(subscription) === subscription) return
    subscriptions.update({ kind: 'operator' }, subscription.id, meant).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === 'not_found')) onFailure(error)
    })
  }
  for (const subscription of directory.subscriptions.values()) follow(subscription)
  directory.onChanged((changes) => {
    for (const { kind, value, previous } of changes) {
      if (kind !== 'subscription') continue
      const number = value?.number ?? previous?.number
      if (number !== undefined) webhooks.apply(number, value && meant(value))
    }
    if (!changes.some(({ kind }) => kind === 'eventType')) return
    for (const subscription of directory.subscriptions.values()) {
      if (meant(subscription) !== subscription) follow(subscription)
    }
  })
}

function withMeantTypes(subscription: Subscription, catalogue: Catalogue): Subscription {
  const types = dialectByName.get(subscription.dialect)?.meantTypes?.(subscription, catalogue)
  if (!types || types.join() === subscription.types.join()) return subscription
  return { ...subscription, types }
}
