import type { Catalogue } from '../catalogue/catalogue.ts'
import { soleLease } from '../core/delivery/lease.ts'
import { DeliveryInputs, type TypeNames } from '../deliver/delivery-input.ts'
import { EndpointNews } from '../deliver/endpoint-news.ts'
import type { EntitySources } from '../deliver/entity-source.ts'
import type { TypeList } from '../follow/readership.ts'
import { Webhooks } from '../follow/webhooks.ts'
import { deletedSubscriptions } from '../registry/deleted-subscriptions.ts'
import { Tenants } from '../registry/dialects/tenants.ts'
import { EndpointHealth } from '../registry/endpoint-health.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import { dialectByName, webhookDialectOf } from './dialects.ts'
import type { Foundation } from './foundation.ts'

const noDetails = {}

/** The delivery half of the data path over the foundation. */
export function openWebhooks(foundation: Foundation, entities: EntitySources): Promise<Webhooks> {
  const { config, clock, log, settling, due, history, directory, registry, grants, standing, onFailure } = foundation
  const names = typeNames(foundation.catalogue)
  const dialects = { dialectOf: webhookDialectOf }
  const families = new Tenants(directory, clock)
  return Webhooks.open({
    // This process is the only one.
    lease: soleLease,
    deleted: deletedSubscriptions(registry),
    ...{ log, settling, due, history, clock, grants, names, onFailure },
    random: Math.random,
    sender: foundation.sender,
    contents: new DeliveryInputs({ epoch: log.epoch, offsets: foundation, names, families, entities, dialects }),
    histories: standing,
    policies: {
      policyOf: (subscription) => {
        const dialect = webhookDialectOf(subscription)
        return dialect.policyOf?.(subscription) ?? dialect.policy
      },
    },
    attempts: config.attempts,
    subscriptions: directory.subscriptions.values(),
  })
}

function typeNames(catalogue: () => Catalogue): TypeList & TypeNames {
  return {
    // A type that was taken from the catalogue keeps its own name where names are the types themselves.
    nameOf: (type, dialect) =>
      catalogue().nameIn(type, dialect) ?? (dialectByName.get(dialect)?.isCanonical ? type : undefined),
    detailsOf: (type, dialect) => catalogue().find(type)?.details.get(dialect) ?? noDetails,
  }
}

/** What webhooks learn of endpoints goes into the registry, the log lines, the metrics and operational events. */
export function listenToWebhooks(foundation: Foundation, webhooks: Webhooks, subscriptions: Subscriptions): void {
  const { clock, logger, history, directory, metrics, operational, onFailure } = foundation
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
  const health = new EndpointHealth({ logger, subscriptions, operational, onFailure })
  webhooks.onEvent((event) => {
    switch (event.kind) {
      case 'news':
        health.heard(event.subscription, event.news)
        break
      case 'refused':
        health.disable(event.subscription, event.reason)
        break
      case 'caught up':
        operational.subscription('subscription.caught-up', event.subscription)
        break
      case 'attempted': {
        metrics.attempted(event.record, event.subscription)
        news.attempted(event.subscription, event.record)
        const { subscription, position, attempt, status, error, durationMs, outcome } = event.record
        logger.debug({ subscription, position, attempt, status, error, durationMs, outcome }, 'attempt')
        break
      }
      default:
        event satisfies never
    }
  })
}
