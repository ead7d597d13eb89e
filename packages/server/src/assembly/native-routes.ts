import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { onlyPartition } from '../core/event/partition.ts'
import { idRandomBytes, newId } from '../core/ids/id.ts'
import { encodeOffset } from '../core/ids/offset.ts'
import { cloudEventMediaType, cloudEventText } from '../dialects/cloudevents/event-text.ts'
import { EventBodies } from '../dialects/event-bodies.ts'
import { EventSamples } from '../dialects/event-samples.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import type { Callers } from '../http/callers.ts'
import type { EventEncodings } from '../http/event-encoding.ts'
import type { Readiness } from '../http/readiness.ts'
import type { RequestLog } from '../http/request-log.ts'
import { auditRoutes } from '../http/routes/audit.ts'
import { deliveryRoutes } from '../http/routes/deliveries.ts'
import { eventSearchRoutes } from '../http/routes/event-search.ts'
import { eventTypeRoutes } from '../http/routes/event-types.ts'
import { eventRoutes } from '../http/routes/events.ts'
import { explainRoutes } from '../http/routes/explain.ts'
import { operationRoutes, type StoreBackup } from '../http/routes/operation.ts'
import { overviewRoutes } from '../http/routes/overview.ts'
import { everyTopic, readingRoutes } from '../http/routes/reading.ts'
import { registryRoutes } from '../http/routes/registry.ts'
import { resendRoutes } from '../http/routes/resends.ts'
import { seriesRoutes } from '../http/routes/series.ts'
import { streamRoutes } from '../http/routes/streams.ts'
import { subscriptionReadingRoutes } from '../http/routes/subscription-reading.ts'
import { subscriptionRoutes } from '../http/routes/subscriptions.ts'
import { LogPlaces } from '../http/subscription-facts/log-places.ts'
import { SubscriptionFacts } from '../http/subscription-facts/subscription-facts.ts'
import { TestDeliveries } from '../http/test-deliveries.ts'
import type { Publisher } from '../publish/publisher.ts'
import type { AuditLog } from '../registry/audit-log.ts'
import type { BulkResends } from '../registry/bulk-resends.ts'
import { CredentialChanges } from '../registry/credential-changes.ts'
import { Tenants } from '../registry/dialects/tenants.ts'
import { SubscriptionLookUp } from '../registry/subscription-look-up.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { dialectByName } from './dialects.ts'
import { createExplain } from './explain.ts'
import type { Foundation } from './foundation.ts'

/** What the native routes stand on beside the foundation. */
export interface NativeRooms {
  readonly callers: Callers
  readonly requestLog: RequestLog
  readonly readiness: Readiness
  readonly publisher: Publisher
  readonly webhooks: Webhooks
  readonly subscriptions: Subscriptions
  readonly resends: BulkResends
  readonly streams: OpenStreams
  readonly audit: AuditLog
  readonly store: StoreBackup
}

/** Every native route below `/v1`, and those of operation. */
export function addNativeRoutes(app: FastifyInstance, foundation: Foundation, rooms: NativeRooms): void {
  const { clock, log, history, directory, registry, grants, catalogue, metrics, offsetOf } = foundation
  const { callers, requestLog, readiness, publisher, webhooks, subscriptions, resends, streams, audit, store } = rooms
  const lookUp = new SubscriptionLookUp(directory)
  const explain = createExplain(foundation, webhooks, audit)
  const facts = subscriptionFacts(foundation, webhooks)
  const tests = new TestDeliveries({ directory, catalogue, clock, sender: webhooks })
  const delivered = { history, log, grants, offsetOf, clock, subscriptions: lookUp, deliveries: webhooks, resends }
  const access = new CredentialChanges(directory)
  const topics = () => catalogue().topics()

  eventRoutes(app, { publisher, onFailure: (error, requestId) => requestLog.failed(error, requestId) })
  const reading = { log, clock, grants, topics, offsetOf, callers, access, streams, readiness, encodings }
  readingRoutes(app, { ...reading, newStreamId: () => newId('str', clock.now(), randomBytes(idRandomBytes)) })
  streamRoutes(app, {
    list: streams.list,
    latest: () => log.bounds(onlyPartition).latest,
    resumeTokenOf: (position) => encodeOffset({ epoch: log.epoch, topic: everyTopic, position }),
  })
  registryRoutes(app, registry)
  const bodies = eventBodies(foundation)
  const samples = new EventSamples(bodies, () => clock.now())
  eventTypeRoutes(app, { registry, catalogue, samples, dialects: new Set(dialectByName.keys()) })
  subscriptionRoutes(app, { subscriptions, lookUp, facts, tests })
  subscriptionReadingRoutes(app, { subscriptions, facts })
  deliveryRoutes(app, { ...delivered, lookUp: explain.lookUp, bodies })
  explainRoutes(app, { ...delivered, ...explain })
  eventSearchRoutes(app, { log, grants, offsetOf, topics, bodies, lookUp: explain.lookUp })
  resendRoutes(app, resends)
  overviewRoutes(app, {
    ...{ ordered: directory, history, standing: foundation.standing, facts },
    readings: { isPaused: ({ number }) => (webhooks.readership.reading(number)?.catchUp?.pausedAtMs ?? null) !== null },
    behind: () => webhooks.lag,
    streams: () => streams.count,
  })
  seriesRoutes(app, { store: foundation.series, log, clock, subscriptions: lookUp })
  operationRoutes(app, { readiness, metrics, unknownTenants: foundation.unknownTenants, store })
  auditRoutes(app, audit)
}

function subscriptionFacts(foundation: Foundation, webhooks: Webhooks): SubscriptionFacts {
  const { config, clock, history, standing } = foundation
  return new SubscriptionFacts({
    readings: webhooks.readership,
    leftOut: webhooks.leftOut,
    endpoints: webhooks,
    places: new LogPlaces(foundation),
    retentionMs: config.retention,
    ...{ history, standing, clock },
  })
}

function eventBodies({ config, clock, log, directory, catalogue, offsetOf }: Foundation): EventBodies {
  const families = new Tenants(directory, clock)
  return new EventBodies({ epoch: log.epoch, clock, catalogue, families, offsetOf, settings: config.dialects })
}

const encodings: EventEncodings = new Map([
  [cloudEventMediaType, { textOf: (event, offset) => cloudEventText(event, { offset }) }],
])
