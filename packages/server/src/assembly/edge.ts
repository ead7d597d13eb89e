import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { networkOf } from '../core/address/client-address.ts'
import { decodeDeliveryId } from '../core/delivery/delivery-id.ts'
import { onlyPartition } from '../core/event/partition.ts'
import { idRandomBytes, newId } from '../core/ids/id.ts'
import { RateLimit } from '../core/limit/rate-limit.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { Resends } from '../deliver/resend-runs.ts'
import { cloudEventMediaType, cloudEventText } from '../dialects/cloudevents/event-text.ts'
import { dialects } from '../dialects/dialects.ts'
import { wireMessages } from '../dialects/wire.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { createApp } from '../http/app.ts'
import { auditChanges } from '../http/audit.ts'
import { refuseOtherMethods } from '../http/caller-guard.ts'
import type { EventEncodings } from '../http/event-encoding.ts'
import { describeRoutes } from '../http/openapi.ts'
import { auditRoutes } from '../http/routes/audit.ts'
import { type DeliveryRoutesDeps, deliveryRoutes } from '../http/routes/deliveries.ts'
import { documentRoutes, rootRoute } from '../http/routes/documents.ts'
import { eventSearchRoutes } from '../http/routes/event-search.ts'
import { eventTypeRoutes } from '../http/routes/event-types.ts'
import { eventRoutes } from '../http/routes/events.ts'
import { explainRoutes } from '../http/routes/explain.ts'
import { nodeRoutes } from '../http/routes/nodes.ts'
import { operationRoutes } from '../http/routes/operation.ts'
import { pageRoutes } from '../http/routes/pages.ts'
import { readingRoutes } from '../http/routes/reading.ts'
import { registryRoutes } from '../http/routes/registry.ts'
import { resendRoutes } from '../http/routes/resends.ts'
import { sessionRoutes } from '../http/routes/sessions.ts'
import { streamRoutes } from '../http/routes/streams.ts'
import { subscriptionReadingRoutes } from '../http/routes/subscription-reading.ts'
import { subscriptionRoutes } from '../http/routes/subscriptions.ts'
import type { PageFiles } from '../process/page-files.ts'
import { version } from '../process/version.ts'
import type { Publisher } from '../publish/publisher.ts'
import type { AuditLog } from '../registry/audit-log.ts'
import { belongingOf } from '../registry/belonging.ts'
import { onCredentialsChanged } from '../registry/credential-changes.ts'
import { beginResend, cancelResend } from '../registry/resend-records.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { answersInTime } from './answer-in-time.ts'
import { Callers } from './callers.ts'
import { addDialectRoutes } from './dialect-routes.ts'
import { dialectByName } from './dialects.ts'
import { eventBodies } from './event-bodies.ts'
import { createExplain } from './explain.ts'
import type { Foundation } from './foundation.ts'
import { openStreamOf } from './open-stream.ts'
import { createPublisher } from './publisher.ts'
import { SessionCallers } from './session-callers.ts'
import { sessionRouteDeps } from './session-routes.ts'
import { soleNode } from './sole-node.ts'
import { owned, subscriptionRouteDeps } from './subscription-routes.ts'

export interface EdgeParts {
  readonly foundation: Foundation
  readonly webhooks: Webhooks
  readonly subscriptions: Subscriptions
  readonly resends: Resends
  readonly openStreams: OpenStreams
  readonly isStopping: () => boolean
  readonly audit: AuditLog
  readonly pages: PageFiles
  /** Copies the store into a directory while it is in use. */
  readonly backup: (directory: string) => Promise<void>
  /** Routes that only some servers have. */
  readonly addRoutes?: (app: FastifyInstance, publisher: Publisher) => void
}

/** The HTTP interface with every route, ready to listen. */
export async function createEdge(parts: EdgeParts): Promise<FastifyInstance> {
  const { foundation, webhooks, subscriptions, resends, openStreams, isStopping } = parts
  const { config, clock, log, logger, directory, registry, grants, catalogue, metrics, unknownTenants, offsetOf } =
    foundation
  const since = formatRfc3339(clock.now())
  const wrongKeys = new WrongKeyLimit(config.wrongKeysPerMinute)
  const requests = new RateLimit({ ratePerSecond: config.requestsPerSecond, burst: config.requestsPerSecond })
  const sessions = new SessionCallers(foundation)
  const callers = new Callers(foundation, { sessions, wrongKeys, requests })
  const failed = (error: unknown, requestId: string) => logger.error({ err: error, requestId }, 'a request failed')

  const app = createApp({
    trustProxies: config.trustProxies,
    corsOrigins: config.corsOrigins,
    guard: callers,
    onRequestDone: (request, reply) => {
      const route = request.routeOptions.url ?? 'none'
      metrics.requested(route, request.method, reply.statusCode, reply.elapsedTime)
      logger.info(
        {
          requestId: request.id,
          method: request.method,
          route,
          status: reply.statusCode,
          durationMs: Math.round(reply.elapsedTime * 10) / 10,
          caller: request.caller?.kind ?? 'none',
        },
        'request',
      )
    },
    onFailure: (error, request) => failed(error, request.id),
  })
  auditChanges(app, {
    registry,
    belongingOf: (collection, id) => {
      const delivery = collection === 'deliveries' ? decodeDeliveryId(id, log.epoch) : undefined
      const found = delivery ? directory.subscriptions.withKey(delivery.subscription) : directory.subscriptions.get(id)
      return found ? belongingOf('subscription', found.id, found) : null
    },
    audit: parts.audit,
    nowMs: () => clock.now(),
    now: () => formatRfc3339(clock.now()),
    tell: (entry) => logger.info(entry, 'audit'),
    onFailure: foundation.onFailure,
  })
  refuseOtherMethods(app)
  await describeRoutes(app, { version, dialects })
  documentRoutes(app, () => ({ version, catalogue: catalogue(), webhooks: wireMessages }))

  const publisher = createPublisher(foundation)
  eventRoutes(app, { publisher, onFailure: failed })
  readingRoutes(app, {
    log,
    clock,
    grants,
    topics: () => catalogue().topics(),
    offsetOf,
    isAllowed: (request) => callers.known(request).kind !== 'none',
    onAccessChanged: (caller, wake) => onCredentialsChanged(directory, caller, wake),
    openStream: (request, caller) =>
      openStreamOf(openStreams, networkOf(request.ip), caller.kind === 'integrator' ? caller.integrationId : null),
    listStream: (stream) =>
      openStreams.list.add({
        ...stream,
        id: newId('str', clock.now(), randomBytes(idRandomBytes)),
        openedAtMs: clock.now(),
      }),
    isStopping,
    encodings,
  })
  streamRoutes(app, { list: openStreams.list, latest: () => log.bounds(onlyPartition).latest })
  nodeRoutes(app, async () => [soleNode(app, foundation, { webhooks, isStopping, since })])
  registryRoutes(app, registry)
  sessionRoutes(app, sessionRouteDeps(foundation, callers, sessions))
  pageRoutes(app, { files: parts.pages, frameAncestors: config.frameAncestors, appearance: config.appearance })
  eventTypeRoutes(app, { registry, catalogue, dialects: new Set(dialectByName.keys()) })
  const subscriptionParts = subscriptionRouteDeps(foundation, webhooks, subscriptions)
  subscriptionRoutes(app, subscriptionParts)
  subscriptionReadingRoutes(app, subscriptionParts)
  const { lookUp, explainer } = createExplain(foundation, webhooks, parts.audit)
  const deliveryDeps: DeliveryRoutesDeps = {
    history: foundation.history,
    log,
    grants,
    lookUp,
    offsetOf,
    subscriptionById: (id) => directory.subscriptions.get(id),
    subscriptionByNumber: (number) => directory.subscriptions.withKey(number),
    subscriptionsOf: (owner) =>
      owner.kind === 'operator'
        ? directory.subscriptions.values()
        : owned(owner, directory.subscriptionsOf(owner.integrationId)),
    flush: () => webhooks.flush(),
    resend: (rows) => webhooks.resend(rows),
    nowMs: () => clock.now(),
    beginResend: async (subscription, filter) => {
      const begun = await beginResend(registry, subscription, filter, (id) => resends.isInterrupted(id))
      resends.run(begun.id)
      return begun
    },
  }
  deliveryRoutes(app, deliveryDeps)
  explainRoutes(app, { ...deliveryDeps, explainer })
  eventSearchRoutes(app, {
    ...{ log, grants, lookUp, offsetOf, topics: () => catalogue().topics() },
    bodiesOf: eventBodies(foundation),
  })
  resendRoutes(app, {
    get: (id) => directory.resends.get(id),
    page: (integrationId, after, limit) => directory.resendPage(integrationId, after, limit),
    isInterrupted: (id) => resends.isInterrupted(id),
    cancel: (id) => cancelResend(registry, id),
  })
  operationRoutes(app, {
    isReady: async () => {
      const checks = { store: await answersInTime(foundation.history.count()), accepting: !isStopping() }
      return { ready: checks.store && checks.accepting, checks }
    },
    metrics: () => metrics.read(),
    unknownTenants: () => unknownTenants.list(),
    backup: parts.backup,
  })

  auditRoutes(app, parts.audit)

  await addDialectRoutes(app, foundation, { webhooks, subscriptions, wrongKeys, requests, failed })
  parts.addRoutes?.(app, publisher)
  rootRoute(app)
  app.closeMethods()
  return app
}

const encodings: EventEncodings = new Map([
  [cloudEventMediaType, { textOf: (event, offset) => cloudEventText(event, { offset }) }],
])
