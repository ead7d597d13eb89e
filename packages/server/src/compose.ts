import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { hostname as machineName, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { builtinCatalogue } from './catalogue/builtin.ts'
import type { Catalogue } from './catalogue/catalogue.ts'
import type { EventTypeDefinition } from './catalogue/event-type.ts'
import { readOperatorFile } from './catalogue/operator-file.ts'
import type { Config } from './config.ts'
import { type Clock, systemClock } from './core/clock.ts'
import type { EndpointPolicy, OwnListener } from './core/endpoint-policy.ts'
import { checkEndpointUrl, endpointRefused } from './core/endpoint-url.ts'
import { AppError } from './core/errors.ts'
import { idRandomBytes, newId } from './core/id.ts'
import { type OffsetEncoder, offsetEncoder } from './core/offset.ts'
import { isOperational } from './core/operational-event.ts'
import { randomPool } from './core/random-pool.ts'
import { RateLimit } from './core/rate-limit.ts'
import type { Subscription } from './core/registry.ts'
import { formatRfc3339 } from './core/time.ts'
import { createEntityFetch } from './deliver/entity-fetch.ts'
import { EntitySources } from './deliver/entity-source.ts'
import { HttpTransport } from './deliver/http-transport.ts'
import { createTokenSource } from './deliver/oauth-token.ts'
import { createSender } from './deliver/sender.ts'
import { isUsableTlsMaterial } from './deliver/tls-contexts.ts'
import type { BareRequest } from './deliver/transport.ts'
import { readDialectSettings } from './dialect-settings.ts'
import { cloudEventMediaType, cloudEventText } from './dialects/cloudevents/event-text.ts'
import { dialects } from './dialects/dialects.ts'
import { attachFortnoxStream } from './dialects/fortnox/routes.ts'
import { wireMessages } from './dialects/wire.ts'
import { backUpDatabase } from './engines/sqlite/backup.ts'
import { checkSqlite } from './engines/sqlite/database.ts'
import { openSqliteLog } from './engines/sqlite/log.ts'
import { openSqliteState } from './engines/sqlite/state/state.ts'
import { readEntitySources } from './entity-source-settings.ts'
import { addressOf, createApp } from './http/app.ts'
import { refuseOtherMethods } from './http/caller-guard.ts'
import { drainableConnections } from './http/connection-drain.ts'
import type { EventEncodings } from './http/event-encoding.ts'
import { describeRoutes } from './http/openapi.ts'
import { deliveryRoutes } from './http/routes/deliveries.ts'
import { documentRoutes } from './http/routes/documents.ts'
import { eventTypeRoutes } from './http/routes/event-types.ts'
import { eventRoutes } from './http/routes/events.ts'
import { operationRoutes } from './http/routes/operation.ts'
import { readingRoutes } from './http/routes/reading.ts'
import { registryRoutes } from './http/routes/registry.ts'
import { subscriptionRoutes } from './http/routes/subscriptions.ts'
import { startRetention } from './log/retention.ts'
import { testEvent } from './match/test-event.ts'
import { startWatch } from './match/watch.ts'
import { Webhooks } from './match/webhooks.ts'
import { createLogger } from './observe/logger.ts'
import { readMailSettings } from './observe/mail-settings.ts'
import { createMetrics } from './observe/metrics.ts'
import { type MailSettings, OperationalEvents } from './observe/operational-events.ts'
import { Publisher } from './publish/publisher.ts'
import { makeFirstAdminKey } from './registry/api-keys.ts'
import { authenticate, callerOf } from './registry/authenticate.ts'
import { type Owner, owns } from './registry/caller.ts'
import { createDialectHost } from './registry/dialect-host.ts'
import { Directory } from './registry/directory.ts'
import { draftContext } from './registry/draft-context.ts'
import { grantsOf } from './registry/grants.ts'
import { loadServerKeys } from './registry/master-key.ts'
import { pageOf } from './registry/page.ts'
import { Registry } from './registry/registry.ts'
import { makeSealer } from './registry/sealer.ts'
import { makeSigningSecret } from './registry/signing-secret.ts'
import { startPlace } from './registry/start-place.ts'
import { makeStreamAuthority } from './registry/stream-authority.ts'
import { Subscriptions } from './registry/subscriptions.ts'
import { createUnsealer } from './registry/unsealer.ts'
import { WrongKeyLimit } from './registry/wrong-key-limit.ts'
import { configurationError } from './settings.ts'
import { LiveStream } from './stream/live-stream.ts'
import { OpenStreams } from './stream/open-streams.ts'
import { version } from './version.ts'

/** For commands that look after a store without a server: `doctor`, and `backup` of a stopped one. */
export const storeCare = { checkSqlite, backUpDatabase }

export interface RunningServer {
  /** Where it listens, as `http://127.0.0.1:8080`. */
  readonly url: string
  /** The operator's key, when it was made at this start; shown once. */
  readonly adminKey: string | null
  /** Drains: streams are told to come back, requests and attempts under way end, everything is written. */
  close(): Promise<void>
}

/**
 * Puts the server together. The only place that names concrete engines.
 * @throws AppError `unsafe_store`, `invalid_configuration`, `storage_unavailable`
 */
export async function startServer(config: Config, options: { readonly clock?: Clock } = {}): Promise<RunningServer> {
  const { clock = systemClock } = options
  const logger = createLogger(config.logLevel)
  const directoryOf = (url: string) => (url === '' ? config.data : url.replace(/^sqlite:/, ''))
  for (const path of new Set([config.data, directoryOf(config.log), directoryOf(config.db)])) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  }
  const serverKeys = loadServerKeys({ environment: config.masterKey, file: join(config.data, 'master.key') })
  const fileCatalogue = catalogueOf(config)
  const entityRules = readEntitySources(config)

  const log = await openSqliteLog({
    directory: directoryOf(config.log),
    clock,
    observe: (commit) => metrics.committed(commit),
  })
  const state = await openSqliteState({ directory: directoryOf(config.db) }).catch(async (error: unknown) => {
    await log.close()
    throw error
  })

  const directory = await Directory.follow(state.registry, clock)
  const registry = new Registry({ store: state.registry, directory, peppers: serverKeys.peppers, clock })
  const grants = grantsOf(directory, clock)
  const sealer = makeSealer(serverKeys.sealing)
  const unsealer = createUnsealer(sealer)
  let catalogue = withCustomTypes(fileCatalogue, directory)
  const adminKey = config.adminKey === '' ? await makeFirstAdminKey(registry) : null

  const ownListeners: OwnListener[] = []
  const policy: EndpointPolicy = {
    allowHttp: config.allowHttp,
    allowNetworks: config.allowNetworks,
    allowPorts: config.allowPorts,
    ownListeners,
    hostAddresses: Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
    ownNames: [],
  }
  const transport = new HttpTransport({ policy })
  const tokens = createTokenSource({
    transport,
    clock,
    clientSecretOf: unsealer.clientSecretOf,
    tlsOf: unsealer.tls,
  })
  const operatorSettings = readDialectSettings(config, dialects)
  const operatorSettingsOf = (dialect: string) => operatorSettings.get(dialect) ?? noDetails
  const dialectOf = (subscription: Subscription) => {
    const webhook = dialectByName.get(subscription.dialect)?.webhook
    if (!webhook) throw new Error(`subscription ${subscription.id} has the unknown dialect ${subscription.dialect}`)
    return webhook
  }

  const sender = createSender({ transport, unsealer, tokens, dialectOf, operatorSettingsOf })

  const encoders = new Map<string, OffsetEncoder>()
  const offsetOf = ({ topic, position }: { topic: string; position: number }) => {
    let encoder = encoders.get(topic)
    if (!encoder) {
      encoder = offsetEncoder(log.epoch, topic)
      encoders.set(topic, encoder)
    }
    return encoder.encode(position)
  }
  const onFailure = (error: unknown) => logger.error({ err: error }, 'a unit of work failed')

  const operational = new OperationalEvents({ log, clock, mail: mailSettingsOf(config), onFailure })
  const entitySources = new EntitySources({
    sources: entityRules,
    fetch: createEntityFetch(),
    clock,
    observe: (entity, answer) => {
      if (answer.kind === 'unavailable') logger.warn({ entity, reason: answer.reason }, 'entity source')
    },
  })
  const webhooks = await Webhooks.open({
    log,
    store: state.delivery,
    clock,
    random: Math.random,
    sender,
    grants,
    attempts: config.attempts,
    types: () => [...catalogue.types()].map(({ type }) => type),
    subscriptions: () => directory.subscriptions.values(),
    dialectOf,
    // A type that was taken from the catalogue keeps its own name where names are the types themselves.
    nameOf: (type, dialect) =>
      catalogue.nameIn(type, dialect) ?? (dialectByName.get(dialect)?.isCanonical ? type : undefined),
    offsetOf,
    entityOf: (event) => entitySources.entityOf(event),
    familyOf: (tenantId) => ({
      parentTenantId: directory.tenant(tenantId)?.parentId ?? null,
      hasChildTenants: directory.tenants.hasChildren(tenantId),
    }),
    detailsOf: (type, dialect) => catalogue.find(type)?.details.get(dialect) ?? noDetails,
    health: {
      failing: (subscription, sinceMs) => {
        const failingSince = formatRfc3339(sinceMs)
        noteHealth(subscription.id, (current) => ({ ...current, failingSince }))
        operational.subscription('subscription.failing', subscription, { failingSince }, failingSince)
      },
      recovered: (subscription) => {
        noteHealth(subscription.id, (current) => ({ ...current, failingSince: null }))
        operational.subscription('subscription.recovered', subscription, { failingSince: subscription.failingSince })
      },
      mustDisable: (subscription, reason) => {
        logger.warn({ subscription: subscription.id, reason }, 'a subscription was disabled')
        subscriptions.disable({ kind: 'operator' }, subscription.id, reason).catch(onFailure)
        operational.subscription('subscription.disabled', subscription, { reason })
      },
    },
    caughtUp: (subscription) => operational.subscription('subscription.caught-up', subscription),
    observe: (record) => {
      metrics.attempted(record)
      logger.debug(
        {
          subscription: record.subscription,
          position: record.position,
          attempt: record.attempt,
          status: record.status,
          error: record.error,
          durationMs: record.durationMs,
          outcome: record.outcome,
        },
        'attempt',
      )
    },
    onFailure,
  })
  const noteHealth = (id: string, change: (current: Subscription) => Subscription) => {
    subscriptions.update({ kind: 'operator' }, id, change).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === 'not_found')) onFailure(error)
    })
  }

  const openStreams = new OpenStreams({
    perIntegration: config.streamsPerIntegration,
    perAddress: config.streamsPerAddress,
  })
  const metrics = createMetrics({
    lag: () => webhooks.lag,
    outstanding: () => state.delivery.count(),
    streams: () => fortnox.connections + openStreams.count,
    attemptsUnderWay: () => webhooks.attemptsUnderWay,
  })

  const subscriptions = new Subscriptions({
    find: (id) => {
      const subscription = directory.subscriptions.get(id)
      return subscription && { subscription, revision: directory.revisionOf('subscription', id) }
    },
    commit: (writes) => registry.commit(writes),
    nextNumber: () => registry.nextNumber(),
    newId: () => registry.newId('sub'),
    nowMs: () => clock.now(),
    seal: (text, context) => sealer.seal(text, context),
    draftContext: (integrationId, tenantId) =>
      draftContext({
        integrationId,
        tenantId,
        catalogue,
        directory,
        policy,
        nowMs: clock.now(),
        dialects: draftDialects,
        isUsableTls: isUsableTlsMaterial,
      }),
    isIntegration: (id) => directory.integrations.get(id) !== undefined,
    urlOf: (raw) => {
      const checked = checkEndpointUrl(raw, policy)
      if (!checked.ok) throw new AppError('invalid_request', endpointRefused)
      return checked.url
    },
    makeSecret: (dialect, algorithm, id, nowText) =>
      makeSigningSecret({
        form: dialectByName.get(dialect)?.secret ?? 'none',
        algorithm,
        nowText,
        random: randomBytes,
        seal: (text) => sealer.seal(text, id),
      }),
    register: async (subscription, before) => {
      const register = dialectByName.get(subscription.dialect)?.register
      if (!register) return { kind: 'agreed' }
      const ask = (request: BareRequest) => sender.ask(subscription, request)
      return register(subscription, before, {
        ask,
        random: randomBytes,
        originName: config.originName || machineName(),
      })
    },
    startOf: (start) => startPlace(start, log, catalogue.topics()),
    settledTo: (number) => webhooks.lanes.settledTo(number),
    place: (number, start) => webhooks.lanes.place(number, start.mode, start.position),
  })

  for (const subscription of directory.subscriptions.values()) webhooks.apply(subscription.number, subscription)
  directory.onChanged((changes) => {
    for (const change of changes) {
      if (change.kind === 'eventType') catalogue = withCustomTypes(fileCatalogue, directory)
      if (change.kind !== 'subscription') continue
      const number = change.value?.number ?? change.previous?.number
      if (number !== undefined) webhooks.apply(number, change.value)
    }
  })

  const randomOfIds = randomPool(randomBytes)
  const publisher = new Publisher({
    log,
    typeOf: (type) => (isOperational(type) ? undefined : catalogue.find(type)),
    nowText: () => formatRfc3339(clock.now()),
    newId: () => newId('evt', clock.now(), randomOfIds(idRandomBytes)),
    offsetOf: (topic, _partition, position) => offsetOf({ topic, position }),
    observe: (outcome) => metrics.published(outcome),
  })

  let isStopping = false
  const wrongKeys = new WrongKeyLimit(config.wrongKeysPerMinute)
  const requests = new RateLimit({ ratePerSecond: config.requestsPerSecond, burst: config.requestsPerSecond })
  const authenticated = (request: FastifyRequest) =>
    authenticate(request.headers.authorization, {
      directory,
      adminKey: config.adminKey === '' ? undefined : config.adminKey,
      peppers: serverKeys.peppers,
      nowMs: clock.now(),
    })
  const app = createApp({
    trustProxies: config.trustProxies,
    guard: {
      authenticate(request) {
        const authentication = authenticated(request)
        const caller = callerOf(authentication)
        if (authentication.kind === 'none' && authentication.reason === 'wrong') {
          throw wrongKeys.refusal(request.ip, clock.now())
        }
        if (!caller) throw new AppError('unauthorized', 'a valid key is needed')
        if (caller.kind === 'integrator') {
          const seconds = requests.take(caller.integrationId, clock.now())
          if (seconds > 0) {
            throw new AppError(
              'rate_limited',
              'Too many requests for this integration. Wait as long as Retry-After says.',
              {
                retryAfterSeconds: seconds,
              },
            )
          }
        }
        return caller
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
    onFailure: (error, request) => logger.error({ err: error, requestId: request.id }, 'a request failed'),
  })
  const connections = drainableConnections(app.server)
  refuseOtherMethods(app)
  await describeRoutes(app, version)
  documentRoutes(app, () => ({ version, catalogue, webhooks: wireMessages }))
  const encodings: EventEncodings = new Map([
    [cloudEventMediaType, { textOf: (event, offset) => cloudEventText(event, { offset }) }],
  ])
  eventRoutes(app, { publisher })
  readingRoutes(app, {
    log,
    clock,
    grants,
    topics: () => catalogue.topics(),
    offsetOf,
    isAllowed: (request) => authenticated(request).kind !== 'none',
    openStream: (request, caller) =>
      openStreams.open(addressOf(request), caller.kind === 'integrator' ? caller.integrationId : null),
    isStopping: () => isStopping,
    encodings,
  })
  registryRoutes(app, registry)
  eventTypeRoutes(app, {
    registry,
    catalogue: () => catalogue,
    dialects: new Set(dialectByName.keys()),
  })
  subscriptionRoutes(app, {
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
    stats: async (subscription) => {
      const lane = webhooks.lanes.get(subscription.number)
      const counts = await state.delivery.count(subscription.number)
      return {
        behind: webhooks.lanes.behind(subscription.number),
        waiting: counts.waiting,
        failed: counts.failed,
        sequence: lane?.progress.sequence ?? 0,
        breaker: lane?.breaker.state ?? 'closed',
        inFlight: lane?.inFlight ?? 0,
        reading: lane?.progress.mode ?? 'shared',
      }
    },
    test: async (subscription, type) => {
      const event = testEvent(subscription, {
        types: [...catalogue.types(subscription.dialect)],
        tenantId:
          subscription.boundTenantId ?? firstOf(directory.grantedTenants(subscription.integrationId, clock.now())),
        asked: type,
        nowMs: clock.now(),
      })
      const result = await webhooks.test(subscription, event)
      const { status, durationMs, body } = result
      const error = result.error ?? (status !== null && status >= 200 && status <= 299 ? null : `http_${status ?? 0}`)
      return { status, error, durationMs, body }
    },
  })
  deliveryRoutes(app, {
    store: state.delivery,
    epoch: log.epoch,
    offsetOf,
    subscriptionById: (id) => directory.subscriptions.get(id),
    subscriptionByNumber: (number) => directory.subscriptions.withKey(number),
    subscriptionsOf: (owner) =>
      owner.kind === 'operator'
        ? directory.subscriptions.values()
        : owned(owner, directory.subscriptionsOf(owner.integrationId)),
    flush: () => webhooks.flush(),
    resend: (rows) => webhooks.resend(rows),
  })
  operationRoutes(app, {
    isReady: () => ({ ready: !isStopping, checks: { store: true, accepting: !isStopping } }),
    metrics: () => metrics.read(),
    backup: async (target) => {
      mkdirSync(target, { recursive: true, mode: 0o700 })
      await state.backupTo(target)
      await log.backupTo(join(target, 'log.db'))
    },
  })
  const host = createDialectHost({
    clock,
    catalogue: () => catalogue,
    registry,
    subscriptions,
    sealer,
    policy,
    transport,
    delivery: state.delivery,
    flush: () => webhooks.flush(),
    wrongKeys,
    requests,
    random: randomBytes,
    failed: (error, requestId) => logger.error({ err: error, requestId }, 'a request failed'),
    onFailure: (error, requestId) => logger.error({ err: error, requestId }, 'a request failed'),
    settings: {},
  })
  for (const { name, routes } of dialects) {
    if (!routes) continue
    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, dialect: name }
      })
      await routes(scope, { ...host, settings: operatorSettingsOf(name) })
    })
  }
  app.closeMethods()

  const stream = new LiveStream({ log, clock, onError: onFailure })
  const fortnox = attachFortnoxStream(app.server, {
    stream,
    authority: makeStreamAuthority(directory, serverKeys.peppers),
    clock,
    epoch: log.epoch,
    nameOf: (type) => catalogue.nameIn(type, 'fortnox'),
    topics: () => catalogue.topics('fortnox'),
    limits: {
      connectionsPerAddress: config.streamsPerAddress,
      connectionsPerIntegration: config.streamsPerIntegration,
    },
    onError: onFailure,
    onEnded: (summary) => logger.info({ ...summary }, 'stream'),
  })

  try {
    await app.listen({ port: config.port, host: config.host })
  } catch (error) {
    await state.close()
    await log.close()
    throw listenRefusal(error, config)
  }
  const address = app.server.address() as AddressInfo
  ownListeners.push({ address: address.address, port: address.port })
  webhooks.start()
  const stopRetention = startRetention({
    log,
    delivery: state.delivery,
    clock,
    retentionMs: config.retention,
    onDropped: (events) => logger.info({ events }, 'retention'),
    onFailure,
  })
  const stopWatch = startWatch({
    log,
    clock,
    retentionMs: config.retention,
    tokens: () => directory.grants.all(),
    subscriptions: () => directory.subscriptions.values(),
    settledTo: (number) => webhooks.lanes.settledTo(number),
    expiring: (token) => operational.tokenExpiring(token),
    lagging: (subscription, behind) =>
      operational.subscription(
        'subscription.lagging',
        subscription,
        { behind },
        formatRfc3339(clock.now()).slice(0, 10),
      ),
    onFailure,
  })
  const hostname = address.family === 'IPv6' ? `[${address.address}]` : address.address
  logger.info({ address: address.address, port: address.port }, 'ready')

  return {
    url: `http://${hostname}:${address.port}`,
    adminKey,
    async close() {
      isStopping = true
      stopRetention()
      stopWatch()
      operational.close()
      await fortnox.drain(config.drainSeconds * 250)
      stream.close()
      const endDrain = connections.begin(config.drainSeconds * 1_000)
      await app.close()
      endDrain()
      await webhooks.stop()
      await transport.close()
      await entitySources.close()
      directory.stop()
      await log.close()
      await state.close()
      logger.info('stopped')
    },
  }
}

const noDetails = {}

const dialectByName = new Map(dialects.map((dialect) => [dialect.name, dialect]))

const draftDialects = new Map(
  dialects.flatMap(({ name, webhook, checkSettings }) =>
    webhook ? [[name, { allowsBatch: webhook.allowsBatch, checkSettings }] as const] : [],
  ),
)

function owned(owner: Owner, subscriptions: Iterable<Subscription>): Subscription[] {
  return [...subscriptions].filter((subscription) => owns(owner, subscription))
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item
  return undefined
}

/** The built-in types, and those of the operator's file. */
function catalogueOf(config: Config): Catalogue {
  const canonical = dialects.filter(({ isCanonical }) => isCanonical).map(({ name }) => name)
  const builtin = builtinCatalogue(new Set(canonical))
  if (config.fileText === null) return builtin
  const read = readOperatorFile(config.fileText, builtin)
  if (read.kind === 'read') return read.catalogue
  throw configurationError(
    read.errors.map(({ line, pointer, detail }) => ({ place: `${config.file} line ${line} ${pointer}`, detail })),
  )
}

function withCustomTypes(base: Catalogue, directory: Directory): Catalogue {
  const definitions = [...directory.eventTypes.values()].map(({ definition }) => definition as EventTypeDefinition)
  return definitions.length === 0 ? base : base.with(definitions)
}

function mailSettingsOf(config: Config): MailSettings | null {
  const read = readMailSettings(config.fileText)
  if (read.ok) return read.mail
  throw configurationError(read.faults.map((detail) => ({ place: `${config.file} smtp`, detail })))
}

function listenRefusal(error: unknown, config: Config): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error
  const why = code === 'EADDRINUSE' ? 'is in use' : code === 'EACCES' ? 'is not allowed' : 'is not on this machine'
  return new AppError(
    'invalid_configuration',
    `${config.host} port ${config.port} ${why}; choose another with --port or --host.`,
  )
}
