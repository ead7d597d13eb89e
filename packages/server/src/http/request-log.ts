import type { FastifyReply, FastifyRequest } from 'fastify'

/** Counts requests by their routes. */
export interface RequestCounts {
  requested(route: string, method: string, status: number, durationMs: number): void
}

/** Writes lines of facts. */
export interface RequestLines {
  info(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** One line for each request, and what is counted of it. */
export class RequestLog {
  readonly #lines: RequestLines
  readonly #counts: RequestCounts

  constructor(lines: RequestLines, counts: RequestCounts) {
    this.#lines = lines
    this.#counts = counts
  }

  done(request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions.url ?? 'none'
    this.#counts.requested(route, request.method, reply.statusCode, reply.elapsedTime)
    this.#lines.info(
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
  }

  failed(error: unknown, requestId: string): void {
    this.#lines.error({ err: error, requestId }, 'a request failed')
  }
}
