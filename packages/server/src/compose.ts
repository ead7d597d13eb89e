import { join } from 'node:path'
import type { Logger } from 'pino'
import { createEdge } from './assembly/edge.ts'
import { type Emulation, emulatedDialects } from './assembly/emulator.ts'
import { failuresOf } from './assembly/failures.ts'
import { createFoundation } from './assembly/foundation.ts'
import { watchGauges } from './assembly/gauges.ts'
import { openRegistry } from './assembly/registry.ts'
import { createResends } from './assembly/resends.ts'
import { openSending } from './assembly/sending.ts'
import { openStreamsOn } from './assembly/streams.ts'
import { createSubscriptions, feedWebhooks } from './assembly/subscriptions.ts'
import { tend } from './assembly/tending.ts'
import { listenToWebhooks, openWebhooks } from './assembly/webhooks.ts'
import type { Config } from './config/config.ts'
import { type Clock, systemClock } from './core/time/clock.ts'
import { openSqliteLog } from './engines/sqlite/log.ts'
import { hasSqliteState, openSqliteState } from './engines/sqlite/state/state.ts'
import { drainableConnections } from './http/connection-drain.ts'
import { listenAt } from './http/listening.ts'
import { Readiness } from './http/readiness.ts'
import { createLogger } from './observe/logger.ts'
import { createMetrics } from './observe/metrics.ts'
import { makeDirectory } from './process/directory-making.ts'
import { builtPages } from './process/page-files.ts'
import { makeFirstAdminKey } from './registry/api-keys.ts'
import { loadServerKeys, masterKeyName } from './registry/master-key.ts'
import { makeStorePlaces, openedAt, storePlaces } from './store/store-places.ts'
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
  const hasStore = hasSqliteState(places.state.directory)
  const serverKeys = loadServerKeys({ environment: config.masterKey, file: join(config.data, masterKeyName), hasStore })
  const metrics = createMetrics(config.metricSubscriptions)
  const log = await openedAt(
    places.log,
    openSqliteLog({ directory: places.log.directory, clock, observe: (commit) => metrics.committed(commit) }),
  )
  opened.defer(() => log.close())
  goOn()
  const state = await openedAt(places.state, openSqliteState({ directory: places.state.directory }))
  opened.defer(() => state.close())
  goOn()

  const common = { config, clock, logger, serverKeys, onFailure, goOn }
  const room = await openRegistry({ ...common, store: state.registry }, opened)
  const { directory, registry } = room
  // A stand-in's time can be days ahead. Its receivers judge signatures by the real one.
  const signingClock = emulation ? systemClock : clock
  const sending = openSending({ ...common, signingClock, sealer: room.sealer }, opened)
  // Loads while the rest is put together. Without subscriptions nobody needs it, nor the memory that it takes.
  const readyToSend = directory.subscriptions.size > 0 ? sending.transport.start() : Promise.resolve()
  // It may fail before somebody waits for it, below.
  readyToSend.catch(() => {})
  const foundation = createFoundation({ ...common, ...room, metrics, log, delivery: state.delivery, sending }, opened)
  const webhooks = await openWebhooks(foundation, sending.entitySources)
  opened.defer(() => webhooks.stop())
  goOn()
  const subscriptions = createSubscriptions(foundation, webhooks)
  listenToWebhooks(foundation, webhooks, subscriptions)
  feedWebhooks(foundation, webhooks, subscriptions)
  sending.startWith(directory, onFailure)
  const resends = createResends(foundation, webhooks)
  opened.defer(() => resends.stop())

  const streams = new OpenStreams({
    perIntegration: config.streamsPerIntegration,
    perAddress: config.streamsPerAddress,
  })
  const readiness = new Readiness(state.delivery)
  const store = {
    async backup(target: string) {
      makeDirectory(target)
      await state.backupTo(target)
      await log.backupTo(join(target, 'log.db'))
    },
  }
  const rooms = {
    webhooks,
    subscriptions,
    resends,
    streams,
    readiness,
    audit: state.audit,
    store,
    emulation,
    pages: builtPages(),
  }
  const app = await createEdge(foundation, rooms)
  const connections = drainableConnections(app.server)
  opened.defer(async () => {
    const endDrain = connections.begin(config.drainSeconds * 1_000)
    await app.close()
    endDrain()
  })
  const streamed = openStreamsOn(app.server, foundation, { streams, movedClock: emulation?.clock }, opened)
  opened.defer(() => readiness.stop())
  watchGauges(foundation, { webhooks, streams, streamed })

  // The first delivery after a start takes no longer than the next ones.
  await readyToSend
  goOn()
  const { address, port, family } = await listenAt(config, app, options.signal)
  goOn()
  sending.listensOn({ address, port })
  webhooks.start()
  resends.start()
  opened.defer(tend(foundation, webhooks, streams))
  // The last step: a key that a failed start had made would never be shown, and there would be no other.
  const adminKey = config.adminKey === '' ? await makeFirstAdminKey(registry) : null
  logger.info({ address, port }, 'ready')
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, adminKey }
}
