import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { followCatalogue } from './assembly/catalogue.ts'
import { dialectByName, webhookDialectOf } from './assembly/dialects.ts'
import { createEdge } from './assembly/edge.ts'
import { addEmulator, type Emulation, emulatedDialects } from './assembly/emulator.ts'
import { failuresOf } from './assembly/failures.ts'
import { type Foundation, offsetsOf } from './assembly/foundation.ts'
import { listenAt } from './assembly/listening.ts'
import { overdueMs } from './assembly/overdue.ts'
import { createRecogniser } from './assembly/recognition.ts'
import { createResends } from './assembly/resends.ts'
import { createSubscriptions } from './assembly/subscriptions.ts'
import { tend } from './assembly/tending.ts'
import { listenToWebhooks, openWebhooks } from './assembly/webhooks.ts'
import type { Config } from './config/config.ts'
import { clientAddress } from './core/address/client-address.ts'
import type { EndpointPolicy, OwnListener } from './core/address/endpoint-policy.ts'
import { type Clock, systemClock } from './core/time/clock.ts'
import { EntitySources } from './deliver/entity-source.ts'
import { attachFortnoxStream } from './dialects/fortnox/routes.ts'
import { openSqliteLog } from './engines/sqlite/log.ts'
import { hasSqliteState, openSqliteState } from './engines/sqlite/state/state.ts'
import type { Webhooks } from './follow/webhooks.ts'
import { drainableConnections } from './http/connection-drain.ts'
import { createLogger } from './observe/logger.ts'
import { createMetrics } from './observe/metrics.ts'
import { OperationalEvents } from './observe/operational-events.ts'
import { makeDirectory } from './process/directory-making.ts'
import { builtPages } from './process/page-files.ts'
import { UnknownTenants } from './publish/unknown-tenants.ts'
import { makeFirstAdminKey } from './registry/api-keys.ts'
import { Directory } from './registry/directory.ts'
import { grantsOf } from './registry/grants.ts'
import { loadServerKeys, masterKeyName } from './registry/master-key.ts'
import { Registry } from './registry/registry.ts'
import { makeSealer } from './registry/sealer.ts'
import { makeStreamAuthority } from './registry/stream-authority.ts'
import { feedSubscriptions } from './registry/subscription-feed.ts'
import type { Subscriptions } from './registry/subscriptions.ts'
import { createUnsealer } from './registry/unsealer.ts'
import { createEntityFetch } from './send/entity-fetch.ts'
import { createTokenSource } from './send/oauth-token.ts'
import { createSender } from './send/sender.ts'
import { ThreadedTransport } from './send/threads/threaded-transport.ts'
import { makeStorePlaces, openedAt, storePlaces } from './store/store-places.ts'
import { LiveStream } from './stream/live-stream.ts'
import { OpenStreams } from './stream/open-streams.ts'

/** For `tidings emulate`. */
export const standIns = emulatedDialects

export interface RunningServer {
  /** Where it listens, as `http://127.0.0.1:8080`. */
  readonly url: string
  /** The operator's key, when it was made at this start; shown once. */
  readonly adminKey: string | null
  /** Drains: streams are told to come back, requests and attempts under way end, everything is written. */
  close(): Promise<void>
}

export interface StartOptions {
  readonly clock?: Clock
  /** Ends a start that is under way: what was opened is released, and `startServer` rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Makes the server a stand-in for one system: its clock can be moved, and it has the emulator's routes. */
  readonly emulation?: Emulation
}

/**
 * Puts the server together. The only place that names concrete engines.
 * @throws AppError `unsafe_store`, `invalid_configuration`, `storage_unavailable`
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const logger = createLogger(config.logLevel)
  const opened = new AsyncDisposableStack()
  try {
    const server = await assemble(config, options, logger, opened)
    return {
      ...server,
      async close() {
        await opened.disposeAsync()
        logger.info('stopped')
      },
    }
  } catch (error) {
    // What cannot be closed either must not hide why the start failed.
    await opened
      .disposeAsync()
      .catch((cause: unknown) => logger.error({ err: cause }, 'a failed start was not released'))
    logger.debug({ err: error }, 'the start failed')
    throw error
  }
}

/**
 * @param opened takes the end of each thing as soon as that is open: one order, for a stop and for a start
 * that fails half-way
 */
async function assemble(
  config: Config,
  options: StartOptions,
  logger: Logger,
  opened: AsyncDisposableStack,
): Promise<Omit<RunningServer, 'close'>> {
  const { emulation } = options
  const { clock = emulation?.clock ?? systemClock } = options
  const goOn = () => options.signal?.throwIfAborted()
  const onFailure = failuresOf(logger)
  const places = storePlaces(config)
  makeStorePlaces(places)
  const serverKeys = loadServerKeys({
    environment: config.masterKey,
    file: join(config.data, masterKeyName),
    hasStore: hasSqliteState(places.state.directory),
  })
  const openStreams = new OpenStreams({
    perIntegration: config.streamsPerIntegration,
    perAddress: config.streamsPerAddress,
  })
  const metrics = createMetrics(
    {
      lag: () => webhooks.lag,
      outstanding: () => state.delivery.count(),
      overdueMs: () => overdueMs(directory, state.delivery, clock),
      streams: () => openStreams.count,
      streamed: () => stream.stats().deliveries,
      attemptsUnderWay: () => webhooks.attemptsUnderWay,
      unknownTenantEvents: () => unknownTenants.events,
    },
    config.metricSubscriptions,
  )
  const log = await openedAt(
    places.log,
    openSqliteLog({ directory: places.log.directory, clock, observe: metrics.committed }),
  )
  opened.defer(() => log.close())
  goOn()
  const state = await openedAt(places.state, openSqliteState({ directory: places.state.directory }))
  opened.defer(() => state.close())
  goOn()

  const directory = await Directory.follow(state.registry, clock)
  opened.defer(() => directory.stop())
  goOn()
  const unknownTenants = new UnknownTenants(
    (tenantId) => directory.tenant(tenantId) !== undefined,
    () => clock.now(),
  )
  const registry = new Registry({ store: state.registry, directory, peppers: serverKeys.peppers, clock })
  const sealer = makeSealer(serverKeys.sealing)
  const unsealer = createUnsealer(sealer)
  const recogniser = await createRecogniser(config.authorities, {
    registry,
    clock,
    sealer,
    wrongPerMinute: config.wrongKeysPerMinute,
    // Operators see here why a token of theirs is not recognised.
    observe: (recognition) =>
      logger[recognition.outcome === 'unavailable' ? 'warn' : 'info'](recognition, 'recognition'),
    onFailure,
  })
  opened.defer(() => recogniser.stop())
  await recogniser.start()
  const ownListeners: OwnListener[] = []
  const policy: EndpointPolicy = {
    allowHttp: config.allowHttp,
    allowNetworks: config.allowNetworks,
    allowPorts: config.allowPorts,
    ownListeners,
    hostAddresses: Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
    ownNames: [],
  }
  const transport = new ThreadedTransport(policy, config.sendThreads)
  opened.defer(() => transport.close())
  // Loads while the rest is put together. Without subscriptions nobody needs it, nor the memory that it takes.
  const readyToSend = directory.subscriptions.size > 0 ? transport.start() : Promise.resolve()
  // It may fail before somebody waits for it, below.
  readyToSend.catch(() => {})
  const tokens = createTokenSource({ transport, clock, clientSecretOf: unsealer.clientSecretOf, tlsOf: unsealer.tls })
  const operatorSettingsOf = (dialect: string) => config.dialects.get(dialect) ?? noSettings
  const operational = new OperationalEvents({ log, clock, mail: config.smtp, onFailure })
  opened.defer(() => operational.close())
  const entitySources = new EntitySources({
    sources: config.entitySources,
    fetch: createEntityFetch(),
    clock,
    observe: (entity, answer) => {
      if (answer.kind === 'unavailable') logger.warn({ entity, reason: answer.reason }, 'entity source')
    },
  })
  opened.defer(() => entitySources.close())
  const foundation: Foundation = {
    config,
    clock,
    logger,
    log,
    settling: state.delivery,
    due: state.delivery,
    history: state.delivery,
    needed: state.delivery,
    directory,
    registry,
    grants: grantsOf(directory, clock),
    serverKeys,
    recogniser,
    sealer,
    unsealer,
    catalogue: followCatalogue(config.eventTypes, directory),
    policy,
    transport,
    sender: createSender({
      transport,
      unsealer,
      tokens,
      dialectOf: webhookDialectOf,
      operatorSettingsOf,
      // A stand-in's time can be days ahead. Its receivers judge signatures by the real one.
      signedAtMs: () => (emulation ? systemClock : clock).now(),
    }),
    metrics,
    unknownTenants,
    operational,
    offsetOf: offsetsOf(log.epoch),
    operatorSettingsOf,
    onFailure,
  }
  const webhooks: Webhooks = await openWebhooks(foundation, entitySources)
  opened.defer(() => webhooks.stop())
  goOn()
  const subscriptions: Subscriptions = createSubscriptions(foundation, webhooks)
  listenToWebhooks(foundation, webhooks, subscriptions)
  feedSubscriptions({
    directory,
    readers: webhooks,
    meanings: {
      meantTypes: (subscription) =>
        dialectByName.get(subscription.dialect)?.meantTypes?.(subscription, foundation.catalogue()),
    },
    subscriptions,
    onFailure,
  })
  directory.onChanged((changes) => {
    if (changes.some(({ kind, value }) => kind === 'subscription' && value !== null)) transport.start().catch(onFailure)
  })
  const resends = createResends(foundation, webhooks)
  opened.defer(() => resends.stop())

  let isStopping = false
  const app = await createEdge({
    foundation,
    webhooks,
    subscriptions,
    resends,
    openStreams,
    isStopping: () => isStopping,
    audit: state.audit,
    pages: builtPages(),
    backup: async (target) => {
      makeDirectory(target)
      await state.backupTo(target)
      await log.backupTo(join(target, 'log.db'))
    },
    ...(emulation && {
      addRoutes: (routes, publisher) => addEmulator(routes, { foundation, webhooks, publisher, emulation }),
    }),
  })
  const connections = drainableConnections(app.server)
  opened.defer(async () => {
    const endDrain = connections.begin(config.drainSeconds * 1_000)
    await app.close()
    endDrain()
  })
  const stream = new LiveStream({ log, clock, onError: onFailure })
  opened.defer(() => stream.close())
  const fortnox = attachFortnoxStream(app.server, {
    stream,
    authority: makeStreamAuthority(directory, serverKeys.peppers, recogniser.recognise),
    // Moved time must not part those who had no time to answer a ping.
    clock: emulation ? { now: () => clock.now(), schedule: systemClock.schedule } : clock,
    addressOf: ({ socket, headers }) =>
      clientAddress(socket.remoteAddress ?? '', [headers['x-forwarded-for'] ?? []].flat().join(), config.trustProxies),
    epoch: log.epoch,
    nameOf: (type) => foundation.catalogue().nameIn(type, 'fortnox'),
    topics: () => foundation.catalogue().topics('fortnox'),
    streams: openStreams,
    onError: onFailure,
    onEnded: (summary) => logger.info({ ...summary }, 'stream'),
  })

  opened.defer(() => fortnox.drain(config.drainSeconds * 250))
  opened.defer(() => {
    isStopping = true
  })

  // The first delivery after a start takes no longer than the next ones.
  await readyToSend
  goOn()
  const address = await listenAt(config, app, options.signal)
  goOn()
  const listener = { address: address.address, port: address.port }
  ownListeners.push(listener)
  transport.listensOn(listener)
  webhooks.start()
  resends.start()
  opened.defer(tend(foundation, webhooks))
  // The last step: a key that a failed start had made would never be shown, and there would be no other.
  const adminKey = config.adminKey === '' ? await makeFirstAdminKey(registry) : null
  const hostname = address.family === 'IPv6' ? `[${address.address}]` : address.address
  logger.info({ address: address.address, port: address.port }, 'ready')
  return { url: `http://${hostname}:${address.port}`, adminKey }
}

const noSettings = {}
