import { parseJson } from '../core/json.ts'

export type EntityAnswer =
  /** Canonical JSON text of an object, every digit as the application wrote it. */
  | { readonly kind: 'entity'; readonly text: string }
  /** The application says that there is no such entity, or none any more: 404, 410, or `null`. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unavailable'; readonly reason: string }

export interface EntityRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Whole, from the connection to the last byte. */
  readonly timeoutMs: number
}

/** One question to the application. Never throws. */
export interface EntityFetch {
  fetch(request: EntityRequest): Promise<EntityAnswer>
  close(): Promise<void>
}

/** Of an answer: as much as an event may have. */
const mostBytes = 256 * 1024
const connectionsPerOrigin = 32

/**
 * Fetches over connections of its own: the addresses are the operator's, often internal, and stand in no
 * guard's list; what integrators send never comes here. No redirects, no cookies, no decompression.
 */
export function createEntityFetch(): EntityFetch {
  let client: ReturnType<typeof openClient> | undefined
  return {
    async fetch({ url, headers, timeoutMs }) {
      try {
        client ??= openClient()
        const { agent, request } = await client
        const { statusCode, body } = await request(url, {
          dispatcher: agent,
          headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
          signal: AbortSignal.timeout(timeoutMs),
        })
        if (statusCode === 200) return answerOf(await body.bytes())
        await body.dump()
        return statusCode === 404 || statusCode === 410
          ? { kind: 'gone' }
          : { kind: 'unavailable', reason: `http_${statusCode}` }
      } catch (error) {
        return { kind: 'unavailable', reason: reasonOf(error) }
      }
    },
    close: async () => (await client)?.agent.destroy(),
  }
}

/** Loaded with the first question: most servers have no entity source, and the library takes 5 MB. */
async function openClient() {
  const { Agent, request } = await import('undici')
  return {
    agent: new Agent({ connections: connectionsPerOrigin, maxResponseSize: mostBytes, allowH2: false }),
    request,
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function answerOf(bytes: Uint8Array): EntityAnswer {
  const parsed = parseJson(decoder.decode(bytes))
  if (!parsed.ok) return { kind: 'unavailable', reason: 'invalid_json' }
  switch (parsed.node.kind) {
    case 'object':
      return { kind: 'entity', text: parsed.node.text }
    case 'null':
      return { kind: 'gone' }
    default:
      return { kind: 'unavailable', reason: 'no_object' }
  }
}

function reasonOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string }
  if (name === 'TimeoutError') return 'timeout'
  return code?.toLowerCase() ?? 'failed'
}
