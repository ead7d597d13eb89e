import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** It asks for the head of the answer alone: nothing is waited for, and nothing changes. */
    isHead: boolean
  }
}

const heads = new WeakSet<IncomingMessage>()

/**
 * Every path that takes GET takes HEAD (RFC 9110 §9.1). The request is routed as the GET that it stands for, in
 * every dialect too; its answer was made for HEAD, and Node sends no body with that.
 */
export function routedAsGet(request: IncomingMessage): void {
  if (request.method !== 'HEAD') return
  heads.add(request)
  request.method = 'GET'
}

export function takeHead(app: FastifyInstance): void {
  app.decorateRequest('isHead', {
    getter() {
      return heads.has(this.raw)
    },
  })
}
