import type { EndpointTerms } from './endpoint-terms.ts'

/** As much of a Fastify instance as is used. */
interface FastifyLike {
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parse: (request: unknown, body: never, done: (error: null, body: unknown) => void) => void,
  ): unknown
  route(options: {
    method: never
    url: string
    bodyLimit: number
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  }): unknown
}

interface FastifyRequest {
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined }
  readonly body: unknown
}

interface FastifyReply {
  code(status: number): FastifyReply
  headers(headers: Record<string, string>): FastifyReply
  send(body?: string): unknown
}

/** `instance` is Fastify's own; its type, which is not ours to depend on, has too many overloads to be written again. */
export type FastifyPlugin = (instance: object, options: { readonly url?: string }) => Promise<void>

/** A plugin has parsers of its own: here bodies stay bytes, elsewhere in the application nothing changes. */
export function fastifyPlugin(terms: EndpointTerms): FastifyPlugin {
  return async (given, { url = '/' }) => {
    const instance = given as FastifyLike
    const bodyLimit = terms.maxBodyBytes
    instance.removeAllContentTypeParsers()
    instance.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))
    instance.route({
      method: [...terms.methods] as never,
      url,
      bodyLimit,
      handler: async ({ method, url: path, headers, body }, reply) => {
        const bytes = body instanceof Uint8Array ? body : new Uint8Array()
        const answer = await terms.answer({ method, url: path, headers, body: bytes })
        return reply
          .code(answer.status)
          .headers({ ...answer.headers })
          .send(answer.body)
      },
    })
  }
}
