import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Caller } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; absent: everybody, unauthenticated. */
    callers?: readonly Caller['kind'][]
  }
  interface FastifyRequest {
    caller: Caller
  }
}

export interface CallerGuard {
  /** @throws AppError `unauthorized`, `forbidden`, `rate_limited` */
  readonly authenticate: (request: FastifyRequest, reply: FastifyReply) => Caller | Promise<Caller>
}

/** Names under which clients put credentials into URLs, where logs and proxies keep them. */
const credentialNames = new Set(['key', 'apikey', 'api_key', 'access_token', 'token', 'authorization', 'secret'])

/** Authenticates before anything of the body is read. */
export function guardRoutes(app: FastifyInstance, guard: CallerGuard): void {
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request, reply) => {
    const { callers } = request.routeOptions.config
    if (!callers) return
    for (const name of Object.keys(request.query as object)) {
      if (credentialNames.has(name.toLowerCase())) {
        throw new AppError(
          'malformed_request',
          'A key must not stand in a URL, because URLs are logged. Send it as `Authorization: Bearer …`.',
        )
      }
    }
    const caller = await guard.authenticate(request, reply)
    if (!callers.includes(caller.kind)) {
      throw new AppError('forbidden', `This route is for ${callers.join(' and ')} keys; yours is another kind.`)
    }
    request.caller = caller
  })
}

/** HEAD is routed as GET. */
const allMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const

export const knownMethods: readonly string[] = ['HEAD', ...allMethods]

/** Answers the methods that a path does not have: 405 with `Allow`, and OPTIONS with 204. */
export function refuseOtherMethods(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>()
  app.addHook('onRoute', (route) => {
    if (route.config?.isFallback || route.config?.hasOwnFallback) return
    const known = methods.get(route.url) ?? new Set<string>()
    for (const method of [route.method].flat()) known.add(method)
    methods.set(route.url, known)
  })
  app.decorate('closeMethods', () => {
    for (const [url, known] of methods) {
      const allow = allowOf(known)
      const others = allMethods.filter((method) => !known.has(method)) as HTTPMethods[]
      if (others.length === 0) continue
      app.route({
        method: others,
        url,
        config: { isFallback: true },
        schema: { hide: true } as object,
        handler: async (request, reply) => {
          reply.header('allow', allow)
          if (request.method === 'OPTIONS') return reply.code(204).send()
          throw new AppError('method_not_allowed', `This path accepts only ${allow}.`)
        },
      })
    }
  })
}

function allowOf(known: ReadonlySet<string>): string {
  return [...known, ...(known.has('GET') ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ')
}

declare module 'fastify' {
  interface FastifyContextConfig {
    isFallback?: boolean
    /** The route's scope answers other methods itself, in its dialect's shape. */
    hasOwnFallback?: boolean
  }
  interface FastifyInstance {
    closeMethods(): void
  }
}
