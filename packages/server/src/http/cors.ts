import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Pages of the origins that the operator allows may read the answers. */
    isForPages?: boolean
  }
}

/** What a page may send beside what every page may (Fetch standard, CORS-safelisted request-headers). */
const allowedHeaders = 'Authorization, Last-Event-ID'
/** What a page may read beside what every page may: how long a client should wait. */
const exposedHeaders = 'Retry-After'
/** How long a browser remembers a preflight; no browser keeps it longer than two hours. */
const preflightSeconds = 7_200

/**
 * Lets pages of other origins read some routes (Fetch standard, "CORS protocol"), their refusals too: without the headers
 * a page cannot tell a wrong key from a server that is down. Keys come in `Authorization`, so cookies are never asked
 * for, and no page can use those of a visitor. Add it before the routes, and before what refuses requests.
 *
 * @param origins as browsers write them, `https://app.example.com`; none: nothing changes.
 */
export function allowPages(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  const allowed = new Set(origins)
  const urls = new Set<string>()
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.isForPages) urls.add(url)
  })
  app.addHook('onRequest', async (request, reply) => {
    // By the path, because a preflight is an OPTIONS request, which has a route of its own.
    if (!urls.has(request.routeOptions.url ?? '')) return
    // Also for those who get nothing: a cache must not give their answer to a page that may read it.
    reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !allowed.has(origin)) return
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', exposedHeaders)
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return
    reply
      .header('access-control-allow-methods', 'GET, HEAD')
      .header('access-control-allow-headers', allowedHeaders)
      .header('access-control-max-age', String(preflightSeconds))
  })
}
