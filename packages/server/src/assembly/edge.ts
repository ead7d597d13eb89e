import type { FastifyInstance } from 'fastify'
import { RateLimit } from '../core/limit/rate-limit.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { ResendRuns } from '../deliver/resend-runs.ts'
import { dialects } from '../dialects/dialects.ts'
import { wireMessages } from '../dialects/wire.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { createApp } from '../http/app.ts'
import { auditChanges } from '../http/audit.ts'
import { refuseOtherMethods } from '../http/caller-guard.ts'
import { Callers } from '../http/callers.ts'
import { describeRoutes } from '../http/openapi.ts'
import type { Readiness } from '../http/readiness.ts'
import { RequestLog } from '../http/request-log.ts'
import { documentRoutes, rootRoute } from '../http/routes/documents.ts'
import { nodeRoutes } from '../http/routes/nodes.ts'
import type { StoreBackup } from '../http/routes/operation.ts'
import { pageRoutes } from '../http/routes/pages.ts'
import { sessionRoutes } from '../http/routes/sessions.ts'
import { soleNode } from '../http/server-node.ts'
import { SessionPasses } from '../http/session-passes.ts'
import { SignIns } from '../http/sign-ins.ts'
import type { PageFiles } from '../process/page-files.ts'
import { version } from '../process/version.ts'
import type { AuditLog } from '../registry/audit-log.ts'
import { RequestedBelongings } from '../registry/belonging.ts'
import { BulkResends } from '../registry/bulk-resends.ts'
import { KnownCredentials } from '../registry/known-credentials.ts'
import type { Subscriptions } from '../registry/subscriptions.ts'
import { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { addDialectRoutes } from './dialect-routes.ts'
import { addEmulator, type Emulation } from './emulator.ts'
import type { Foundation } from './foundation.ts'
import { addNativeRoutes } from './native-routes.ts'
import { createPublisher } from './publisher.ts'

export interface EdgeRooms {
  readonly webhooks: Webhooks
  readonly subscriptions: Subscriptions
  readonly resends: ResendRuns
  readonly streams: OpenStreams
  readonly readiness: Readiness
  readonly audit: AuditLog
  readonly pages: PageFiles
  readonly store: StoreBackup
  /** Undefined: it is no stand-in. */
  readonly emulation: Emulation | undefined
}

/** The HTTP interface with every route, ready to listen. */
export async function createEdge(foundation: Foundation, rooms: EdgeRooms): Promise<FastifyInstance> {
  const { config, clock, log, logger, directory, registry, recogniser, serverKeys, catalogue, metrics } = foundation
  const { webhooks, subscriptions, readiness, audit, emulation } = rooms
  const since = formatRfc3339(clock.now())
  const wrongKeys = new WrongKeyLimit(config.wrongKeysPerMinute)
  const requests = new RateLimit({ ratePerSecond: config.requestsPerSecond, burst: config.requestsPerSecond })
  const limits = { wrongKeys, requests }
  const { peppers, sealing: sealingKeys } = serverKeys
  const { publicUrl, adminKey, frameAncestors, appearance } = config
  const known = new KnownCredentials(directory, clock, { peppers, adminKey })
  const passes = new SessionPasses({ directory, clock, known, sealingKeys, publicUrl })
  const callers = new Callers({ directory, recogniser, clock, known, sessions: passes, ...limits })
  const requestLog = new RequestLog(logger, metrics)

  const app = createApp({
    trustProxies: config.trustProxies,
    corsOrigins: config.corsOrigins,
    guard: callers,
    onRequestDone: (request, reply) => requestLog.done(request, reply),
    onFailure: (error, request) => requestLog.failed(error, request.id),
  })
  auditChanges(app, {
    registry,
    belongings: new RequestedBelongings(directory, log.epoch),
    audit,
    tell: (entry) => logger.info(entry, 'audit'),
    onFailure: foundation.onFailure,
  })
  refuseOtherMethods(app)
  await describeRoutes(app, { version, dialects })
  documentRoutes(app, () => ({ version, catalogue: catalogue(), webhooks: wireMessages }))
  const publisher = createPublisher(foundation)
  const resends = new BulkResends(registry, rooms.resends)
  nodeRoutes(app, async () => [soleNode(app, publicUrl, { webhooks, readiness, since, version })])
  const signIns = new SignIns({ registry, clock, callers, passes, known, publicUrl, frameAncestors, appearance })
  sessionRoutes(app, { signIns, passes })
  pageRoutes(app, { files: rooms.pages, frameAncestors, appearance })
  addNativeRoutes(app, foundation, { ...rooms, resends, callers, requestLog, publisher })
  await addDialectRoutes(app, foundation, { webhooks, subscriptions, requestLog, ...limits })
  if (emulation) addEmulator(app, { foundation, webhooks, publisher, emulation })
  rootRoute(app)
  app.closeMethods()
  return app
}
