import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { networkOf } from '../core/client-address.ts'
import { decodeDeliveryId } from '../core/delivery-id.ts'
import { AppError } from '../core/errors.ts'
import { idRandomBytes, newId } from '../core/id.ts'
import { isOperational } from '../core/operational-event.ts'
import { randomPool } from '../core/random-pool.ts'
import { RateLimit } from '../core/rate-limit.ts'
import type { Subscription } from '../core/registry.ts'
import { formatRfc3339 } from '../core/time.ts'
import type { Resends } from '../deliver/resends.ts'
import { cloudEventMediaType, cloudEventText } from '../dialects/cloudevents/event-text.ts'
import { dialects } from '../dialects/dialects.ts'
import { wireMessages } from '../dialects/wire.ts'
import { createApp } from '../http/app.ts'
import { auditChanges } from '../http/audit.ts'
import { refuseOtherMethods } from '../http/caller-guard.ts'
import type { EventEncodings } from '../http/event-encoding.ts'
import { describeRoutes } from '../http/openapi.ts'
import { auditRoutes } from '../http/routes/audit.ts'
import { type DeliveryRoutesDeps, deliveryRoutes } from '../http/routes/deliveries.ts'
import { documentRoutes, rootRoute } from '../http/routes/documents.ts'
import { eventTypeRoutes } from '../http/routes/event-types.ts'
import { eventRoutes } from '../http/routes/events.ts'
import { explainRoutes } from '../http/routes/explain.ts'
import { operationRoutes } from '../http/routes/operation.ts'
import { readingRoutes } from '../http/routes/reading.ts'
import { registryRoutes } from '../http/routes/registry.ts'
import { resendRoutes } from '../http/routes/resends.ts'
import { type SubscriptionReadingRoutesDeps, subscriptionReadingRoutes } from '../http/routes/subscription-reading.ts'
import { type SubscriptionRoutesDeps, subscriptionRoutes } from '../http/routes/subscriptions.ts'
import { testEvent } from '../match/test-event.ts'
import type { Webhooks } from '../match/webhooks.ts'
import { Publisher } from '../publish/publisher.ts'
import type { AuditLog } from '../registry/audit-log.ts'
import { authenticate, bearerOf, callerOf } from '../registry/authenticate.ts'
import { belongingOf } from '../registry/belonging.ts'
import { type Owner, owns } from '../registry/caller.ts'
import { onCredentialsChanged } from '../registry/credential-changes.ts'
import { createDialectHost } from '../registry/dialect-host.ts'
import { pageOf } from '../registry/page.ts'
import { authorityUnavailable } from '../registry/recogniser.ts'
import { beginResend, cancelResend } from '../registry/resends.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import { crowdedRetrySeconds, type OpenStreams } from '../stream/open-streams.ts'
import { version } from '../version.ts'
import { dialectByName } from './dialects.ts'
import { createExplain } from './explain.ts'
import type { Foundation } from './foundation.ts'
import { hasGrant, notGrantedFacts } from './grant-facts.ts'
import { catchUpFacts, missedBy, mostCounted, subscriptionStats } from './reading-facts.ts'

export interface EdgeParts {
  readonly foundation: Foundation
  readonly webhooks: Webhooks
  readonly subscriptions: Subscriptions
  readonly resends: Resends
  readonly openStreams: OpenStreams
  readonly isStopping: () => boolean
  readonly audit: AuditLog
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
  const wrongKeys = new WrongKeyLimit(config.wrongKeysPerMinute)
  const requests = new RateLimit({ ratePerSecond: config.requestsPerSecond, burst: config.requestsPerSecond })
  const authenticated = (request: FastifyRequest) =>
    authenticate(request.headers.authorization, {
      directory,
      adminKey: config.adminKey === '' ? undefined : config.adminKey,
      peppers: foundation.serverKeys.peppers,
      nowMs: clock.now(),
    })
  const failed = (error: unknown, requestId: string) => logger.error({ err: error, requestId }, 'a request failed')

  const app = createApp({
    trustProxies: config.trustProxies,
    corsOrigins: config.corsOrigins,
    guard: {
      async authenticate(request) {
        let authentication = authenticated(request)
        const bearer = authentication.kind === 'none' ? bearerOf(request.headers.authorization) : undefined
        if (bearer !== undefined) {
          const recognition = await foundation.recogniser.recognise(bearer, request.ip)
          if (recognition === 'unavailable') throw authorityUnavailable()
          if (recognition === 'known') authentication = authenticated(request)
        }
        const caller = callerOf(authentication)
        if (authentication.kind === 'none' && authentication.reason === 'wrong') {
          throw wrongKeys.refusal(request.ip, clock.now())
        }
        if (!caller)
          throw new AppError('unauthorized', 'A valid key is needed. Send it as `Authorization: Bearer <key>`.')
        const seconds = 'integrationId' in caller ? requests.take(caller.integrationId, clock.now()) : 0
        if (seconds === 0) return caller
        throw new AppError(
          'rate_limited',
          'This integration sends too many requests. Wait as many seconds as `Retry-After` says.',
          {
            retryAfterSeconds: seconds,
          },
        )
      },
    },
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

  const randomOfIds = randomPool(randomBytes)
  const publisher = new Publisher({
    log,
    typeOf: (type) => (isOperational(type) ? undefined : catalogue().find(type)),
    nowText: () => formatRfc3339(clock.now()),
    newId: () => newId('evt', clock.now(), randomOfIds(idRandomBytes)),
    offsetOf: (topic, _partition, position) => offsetOf({ topic, position }),
    isTenantKnown: (tenantId) => directory.tenant(tenantId) !== undefined,
    isStrict: config.tenants === 'strict',
    onUnknownTenant: (tenantId) => unknownTenants.note(tenantId),
    observe: (outcome) => metrics.published(outcome),
  })
  eventRoutes(app, { publisher, onFailure: failed })
  readingRoutes(app, {
    log,
    clock,
    grants,
    topics: () => catalogue().topics(),
    offsetOf,
    isAllowed: (request) => authenticated(request).kind !== 'none',
    onAccessChanged: (caller, wake) => onCredentialsChanged(directory, caller, wake),
    openStream: (request, caller) =>
      openStream(openStreams, networkOf(request.ip), caller.kind === 'integrator' ? caller.integrationId : null),
    isStopping,
    encodings,
  })
  registryRoutes(app, registry)
  eventTypeRoutes(app, { registry, catalogue, dialects: new Set(dialectByName.keys()) })
  const subscriptionRouteDeps = subscriptionDeps(foundation, webhooks, subscriptions)
  subscriptionRoutes(app, subscriptionRouteDeps)
  subscriptionReadingRoutes(app, subscriptionRouteDeps)
  const { lookUp, explainer } = createExplain(foundation, webhooks, parts.audit)
  const deliveryDeps: DeliveryRoutesDeps = {
    store: foundation.delivery,
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
  resendRoutes(app, {
    get: (id) => directory.resends.get(id),
    page: (integrationId, after, limit) => directory.resendPage(integrationId, after, limit),
    isInterrupted: (id) => resends.isInterrupted(id),
    cancel: (id) => cancelResend(registry, id),
  })
  operationRoutes(app, {
    isReady: async () => {
      const checks = { store: await answers(foundation.delivery.count()), accepting: !isStopping() }
      return { ready: checks.store && checks.accepting, checks }
    },
    metrics: () => metrics.read(),
    unknownTenants: () => unknownTenants.list(),
    backup: parts.backup,
  })

  auditRoutes(app, parts.audit)

  const host = createDialectHost({
    clock,
    catalogue,
    registry,
    recognise: foundation.recogniser.recognise,
    subscriptions,
    sealer: foundation.sealer,
    policy: foundation.policy,
    transport: foundation.transport,
    delivery: foundation.delivery,
    flush: () => webhooks.flush(),
    wrongKeys,
    requests,
    random: randomBytes,
    failed,
    onFailure: failed,
    refuseBelow: (prefix, refuse) => app.refuseBelow(prefix, refuse),
    settings: {},
  })
  for (const { name, routes } of dialects) {
    if (!routes) continue
    await app.register(async (scope) => routes(scope, { ...host, settings: foundation.operatorSettingsOf(name) }))
  }
  parts.addRoutes?.(app, publisher)
  rootRoute(app)
  app.closeMethods()
  return app
}

/** @throws AppError `rate_limited`. Returns what ends the stream's count. */
function openStream(streams: OpenStreams, address: string, integrationId: string | null): () => void {
  const isIn = streams.enter(address)
  const isClaimed = isIn && (integrationId === null || streams.claim(integrationId))
  if (isIn && !isClaimed) streams.leave(address)
  if (!isClaimed) {
    throw new AppError('rate_limited', 'Too many streams are open. One stream serves all topics and tenants.', {
      retryAfterSeconds: crowdedRetrySeconds,
    })
  }
  let isOpen = true
  return () => {
    if (!isOpen) return
    isOpen = false
    streams.leave(address)
    if (integrationId !== null) streams.release(integrationId)
  }
}

const encodings: EventEncodings = new Map([
  [cloudEventMediaType, { textOf: (event, offset) => cloudEventText(event, { offset }) }],
])

function subscriptionDeps(
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
    behind: (subscription) => webhooks.lanes.behind(subscription.number),
    catchUp: (subscription) => catchUpFacts(webhooks.lanes.reading(subscription.number)),
    eventsAfter: (position) => {
      const { earliest, latest } = log.bounds(log.partitions[0] ?? 0)
      return Math.max(0, latest - Math.max(position, earliest))
    },
    hasGrant: (subscription) => hasGrant(foundation, subscription),
    notGrantedAfter: async (subscription, position) =>
      notGrantedFacts(foundation, subscription, await webhooks.notGrantedAfter(subscription, position, mostCounted)),
    stats: (subscription) => subscriptionStats(foundation, webhooks, subscription),
    missed: (subscription) => missedBy(foundation, webhooks, subscription),
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

function owned(owner: Owner, subscriptions: Iterable<Subscription>): Subscription[] {
  return [...subscriptions].filter((subscription) => owns(owner, subscription))
}

/** How long the store may take before the server says that it is not ready. */
const storeAnswerMs = 2_000

async function answers(question: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), storeAnswerMs)
  })
  const answered = question.then(
    () => true,
    () => false,
  )
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
