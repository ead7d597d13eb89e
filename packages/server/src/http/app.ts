import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { AddressBlock } from '../core/address/address.ts'
import { isIn } from '../core/address/client-address.ts'
import { AppError } from '../core/errors.ts'
import type { Refuse } from '../dialects/contract/answers.ts'
import { jsonOf, textOf } from './body.ts'
import { type CallerGuard, guardRoutes, knownMethods } from './caller-guard.ts'
import { inflated, isCompressed, refuseUnknownEncoding } from './content-encoding.ts'
import { allowPages } from './cors.ts'
import { fromFastify } from './fastify-error.ts'
import { routedAsGet, takeHead } from './head.ts'
import { refuseConditions, refuseOddRequests } from './odd-requests.ts'
import { OwnRefusals } from './own-refusals.ts'
import { clientProblem, maxHeaderBytes, type ParseError } from './parse-error.ts'
import { notFound, problemOf, statusOf } from './problem.ts'
import { pathOf } from './request-target.ts'
import { serializersOnFirstUse, validatorsOnFirstUse } from './route-compilers.ts'
import { tenantIdKeyword } from './schemas/tenant-id.ts'

/** Bodies of resources; events have a limit of their own. */
const resourceBodyBytes = 1024 * 1024
/** A whole body must have come within this (slow-body attacks); streams of events are exempt. */
const bodyDeadlineMs = 30_000
const headersDeadlineMs = 15_000
const maxRequestsPerSocket = 10_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads NDJSON itself, as a stream that may last. */
    streamsBody?: boolean
    /** The route gets its body as text, unparsed. */
    wantsText?: boolean
  }
  interface FastifyInstance {
    /** From now on what no route below the prefix answers is refused so. */
    refuseBelow(prefix: string, refuse: Refuse): void
  }
  interface FastifyRequest {
    /** The body as text, where it was JSON: what must keep its digits is read from here. */
    bodyText: string | null
  }
}

export interface AppDeps {
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustProxies: readonly AddressBlock[]
  /** Whose pages may read what is for pages; none without it. */
  readonly corsOrigins?: readonly string[]
  readonly guard: CallerGuard
  readonly onRequestDone: (request: FastifyRequest, reply: FastifyReply) => void
  readonly onFailure: (error: unknown, request: FastifyRequest) => void
}

/** The HTTP edge: what every route has in common. Routes are registered on it by `compose.ts`. */
export function createApp(deps: AppDeps): FastifyInstance {
  const ownRefusals = new OwnRefusals()
  const refuse: Refuse = (error, request, reply) => {
    const own = ownRefusals.of(request.url)
    if (own) own(error, request, reply)
    else sendProblem(reply, error)
  }
  const app = Fastify({
    logger: false,
    bodyLimit: resourceBodyBytes,
    trustProxy: deps.trustProxies.length > 0 && ((address: string) => isIn(deps.trustProxies, address)),
    exposeHeadRoutes: false,
    rewriteUrl: (request) => {
      routedAsGet(request as IncomingMessage)
      return pathOf(request as IncomingMessage)
    },
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    maxRequestsPerSocket,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 512 },
    http: {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: headersDeadlineMs,
      connectionsCheckingInterval: 1_000,
      insecureHTTPParser: false,
      // An offer of HTTP/2 (`Upgrade: h2c`, as curl makes it) is declined by answering over HTTP/1.1 (RFC 9110 §7.8).
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
      // `refuseOddRequests` says why; Node's own answer has no body.
      requireHostHeader: false,
    },
    frameworkErrors: (error, request, reply) => {
      refuse(fromFastify(error), request as unknown as FastifyRequest, reply as unknown as FastifyReply)
    },
    clientErrorHandler: (error, socket) => {
      const problem = clientProblem(error as unknown as ParseError)
      if (!socket.writable || socket.bytesWritten > 0) {
        socket.destroy()
        return
      }
      const body = JSON.stringify(problemOf(problem))
      socket.end(
        `HTTP/1.1 ${statusOf[problem.code]} ${problem.code}\r\ndate: ${new Date().toUTCString()}\r\n` +
          `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      )
    },
  })
  app.server.maxHeadersCount = 0
  app.server.on('connect', (_request, socket) => {
    socket.end(
      `HTTP/1.1 501 not_implemented\r\ndate: ${new Date().toUTCString()}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    )
  })
  takeHead(app)
  app.setValidatorCompiler(
    validatorsOnFirstUse({
      allErrors: true,
      removeAdditional: false,
      useDefaults: true,
      coerceTypes: false,
      keywords: [tenantIdKeyword],
    }),
  )
  app.setSerializerCompiler(serializersOnFirstUse())
  app.decorateRequest('bodyText', null)
  app.decorate('refuseBelow', (prefix: string, own: Refuse) => ownRefusals.add(prefix, own))
  takeBodies(app)
  const requestsOf = new WeakMap<Socket, number>()
  app.addHook('onRequest', async (request, reply) => {
    const count = (requestsOf.get(request.raw.socket) ?? 0) + 1
    requestsOf.set(request.raw.socket, count)
    // Node refuses what comes after its `maxRequestsPerSocket`, but leaves the connection open.
    if (count >= maxRequestsPerSocket) reply.header('connection', 'close')
    // Of the whole server (RFC 9110 §9.3.7), not of a path.
    if (request.raw.url === '*' && request.method === 'OPTIONS')
      return reply.code(204).header('allow', knownMethods.join(', ')).send()
    refuseOddRequests(request)
    refuseUnknownEncoding(request, reply)
  })
  allowPages(app, deps.corsOrigins ?? [])
  guardRoutes(app, deps.guard)
  app.addHook('preParsing', async (request, _reply, payload) => {
    const isStream = request.routeOptions.config.streamsBody && isLines(request)
    if (!isStream) setDeadline(request, payload as Readable)
    return isCompressed(request)
      ? inflated(payload as Readable, isStream ? null : request.routeOptions.bodyLimit!)
      : payload
  })
  app.addHook('preHandler', async (request) => refuseConditions(request))
  app.addHook('onSend', async (request, reply, payload) => {
    // Of whatever dialect the refusal is (RFC 9110 §15.5.2).
    if (reply.statusCode === 401 && !reply.hasHeader('www-authenticate'))
      reply.header('www-authenticate', 'Bearer, Basic realm="tidings"')
    // Its head has gone out, so the client sees it break off; what went wrong is for the log alone.
    if (payload instanceof Readable) payload.once('error', (error) => deps.onFailure(error, request))
    reply.header('x-content-type-options', 'nosniff')
    if (reply.getHeader('cache-control') === undefined) reply.header('cache-control', 'no-store')
  })
  app.addHook('onResponse', async (request, reply) => deps.onRequestDone(request, reply))
  app.setNotFoundHandler((request, reply) => refuse(notFound, request, reply))
  app.setErrorHandler((error, request, reply) => {
    const refusal = error instanceof AppError ? error : fromFastify(error as FastifyError)
    if (refusal.code === 'internal') deps.onFailure(error, request)
    refuse(refusal, request, reply)
  })
  return app
}

/** JSON bodies become plain data with `bodyText` beside it; event routes get the text itself. */
function takeBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json\b/, { parseAs: 'buffer' }, (request, body, done) => {
    try {
      if (request.routeOptions.config.wantsText) {
        done(null, textOf(body as Buffer))
        return
      }
      request.bodyText = (body as Buffer).byteLength === 0 ? null : textOf(body as Buffer)
      done(null, jsonOf(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  app.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload))
}

function isLines(request: FastifyRequest): boolean {
  return request.headers['content-type']?.startsWith('application/x-ndjson') ?? false
}

function setDeadline(request: FastifyRequest, payload: Readable): void {
  if (payload.readableEnded || request.raw.headers['content-length'] === '0') return
  const timer = setTimeout(() => {
    payload.emit('error', new AppError('request_timeout', 'The body did not arrive within 30 seconds.'))
  }, bodyDeadlineMs)
  timer.unref()
  payload.once('end', () => clearTimeout(timer))
  payload.once('error', () => clearTimeout(timer))
  payload.once('close', () => clearTimeout(timer))
}

function sendProblem(reply: FastifyReply, error: AppError): void {
  const problem = problemOf(error)
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)))
  if (problem.status === 408 || problem.status === 413 || problem.status === 431) reply.header('connection', 'close')
  void reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}
