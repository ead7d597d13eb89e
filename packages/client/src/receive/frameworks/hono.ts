import type { EndpointTerms } from './endpoint-terms.ts'
import { answerWith, fetchHandler } from './web.ts'

/** As much of Hono's context as is used. */
export interface HonoContext {
  readonly req: {
    readonly raw: Request
    arrayBuffer(): Promise<ArrayBuffer>
  }
}

/** Hono keeps the text of a body that a middleware has read, as `c.req.json()`: it is the body as it came. */
export function honoHandler(terms: EndpointTerms): (context: HonoContext) => Promise<Response> {
  const fetch = fetchHandler(terms)
  return ({ req }) => {
    if (!req.raw.bodyUsed) return fetch(req.raw)
    return answerWith(terms, req.raw, async () => {
      const body = new Uint8Array(await req.arrayBuffer())
      return body.length > terms.maxBodyBytes ? 'too_large' : body
    })
  }
}
