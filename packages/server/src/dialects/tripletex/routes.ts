import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { parseJson, resourceCaps, toPlain } from '../../core/json/json.ts'
import type { DialectHost } from '../contract/host.ts'
import { callerOf, RateExceeded, rateHeaders } from './caller.ts'
import { eventRoutes } from './event-routes.ts'
import { errorBody, TripletexError, toTripletexError } from './refusal.ts'
import { type TripletexAnswer, type TripletexCaller, type TripletexRequest, takenMethods } from './request.ts'
import { sessionRoutes } from './session-routes.ts'
import { sessionsOf } from './sessions.ts'
import { subscriptionRoutes } from './subscription-routes.ts'

const prefix = '/v2'
const requestIdHeader = 'x-tlx-request-id'
const otherMethods: readonly HTTPMethods[] = ['PATCH', 'OPTIONS', 'TRACE']
const hidden = { schema: { hide: true } as object }
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** The vendor's API below `/v2`, with its own answers to what is not there and to what goes wrong. */
export async function tripletexRoutes(root: FastifyInstance, host: DialectHost): Promise<void> {
  await root.register(async (scope) => routesBelow(scope, host), { prefix })
  host.answers.refuseBelow(prefix, (error, request, reply) => {
    reply.header(requestIdHeader, request.id)
    sendError(request, reply, toTripletexError(error))
  })
}

function routesBelow(scope: FastifyInstance, host: DialectHost): void {
  const sessions = sessionsOf(host)
  const callers = new WeakMap<FastifyRequest, TripletexCaller>()

  // Clients send any content type, also one with no body at all.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  scope.addHook('onSend', async (request, reply) => {
    reply.header(requestIdHeader, request.id)
  })
  scope.setNotFoundHandler((request, reply) => sendError(request, reply, new TripletexError('notFound')))
  scope.setErrorHandler((error, request, reply) => {
    const refusal = toTripletexError(error)
    if (refusal.status === 500) host.answers.failed(error, request.id)
    sendError(request, reply, refusal)
  })
  const authenticate = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = callerOf(request.headers.authorization, request.ip, host, sessions)
    const use = host.limits.useRequest(caller.grant.integrationId)
    reply.headers(rateHeaders(use))
    if (use.waitSeconds > 0) throw new RateExceeded(use)
    callers.set(request, caller)
  }

  for (const { url, methods } of [
    ...eventRoutes(host),
    ...subscriptionRoutes(host),
    ...sessionRoutes(host, sessions),
  ]) {
    for (const method of takenMethods) {
      const handler = methods[method]
      if (!handler) continue
      scope.route({
        ...hidden,
        method,
        url,
        config: { hasOwnFallback: true },
        ...(handler.isOpen ? {} : { onRequest: authenticate }),
        handler: async (request, reply) =>
          send(
            reply,
            handler.isOpen
              ? await handler.handle(requestOf(request))
              : await handler.handle(requestOf(request), callers.get(request)!),
          ),
      })
    }
    scope.route({
      ...hidden,
      method: [...otherMethods, ...takenMethods.filter((method) => !methods[method])],
      url,
      config: { hasOwnFallback: true },
      handler: async () => {
        throw new TripletexError('wrongMethod', 'HTTP 405 Method Not Allowed')
      },
    })
  }
}

function send(reply: FastifyReply, { status, body }: TripletexAnswer): FastifyReply {
  if (body === null) return reply.code(status).send()
  return reply.code(status).type('application/json; charset=utf-8').send(body)
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: TripletexError): void {
  if (error instanceof RateExceeded) reply.headers(rateHeaders(error.use))
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)))
  if (error.status === 401) reply.header('www-authenticate', 'Basic realm="tripletex"')
  // What is left of the body is not read.
  if (error.status === 408 || error.status === 413) reply.header('connection', 'close')
  void reply
    .code(error.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(error, request.id)))
}

function requestOf(request: FastifyRequest): TripletexRequest {
  return {
    params: request.params as TripletexRequest['params'],
    query: request.query as TripletexRequest['query'],
    body: () => plainBody(request.body),
    ifNoneMatch: request.headers['if-none-match'],
    host: request.host,
    address: request.ip,
  }
}

/** @throws TripletexError 422, code 22000 */
function plainBody(body: unknown): unknown {
  if (!(body instanceof Uint8Array) || body.byteLength === 0) return undefined
  const parsed = parseJson(textOf(body), resourceCaps)
  if (!parsed.ok) throw new TripletexError('json', parsed.error.message)
  return toPlain(parsed.node)
}

function textOf(body: Uint8Array): string {
  try {
    return decoder.decode(body)
  } catch {
    throw new TripletexError('json', 'The body is not UTF-8.')
  }
}
