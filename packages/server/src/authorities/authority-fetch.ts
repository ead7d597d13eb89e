import { Agent, request } from 'undici'
import { parseJson } from '../core/json.ts'
import { jsonValue } from '../core/json-text.ts'

export type AuthorityAnswer =
  /** Integers that a double does not hold are bigints. */
  { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'unavailable'; readonly reason: string }

export interface AuthorityQuestion {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Whole, from the connection to the last byte. */
  readonly timeoutMs: number
}

/** One question to an authority. Never throws. */
export interface AuthorityFetch {
  ask(question: AuthorityQuestion): Promise<AuthorityAnswer>
  close(): Promise<void>
}

/** A set of a hundred keys with their certificates fits. */
const mostBytes = 256 * 1024
const connectionsPerOrigin = 16

/**
 * Asks over connections of its own: the addresses are the operator's, often internal, and stand in no guard's
 * list; of what strangers send, only a token comes here, in a form's body. No redirects: a secret goes where it was
 * meant to and nowhere else. No decompression.
 */
export function createAuthorityFetch(): AuthorityFetch {
  const agent = new Agent({ connections: connectionsPerOrigin, maxResponseSize: mostBytes, allowH2: false })
  return {
    async ask({ method, url, headers, body, timeoutMs }) {
      try {
        const answer = await request(url, {
          dispatcher: agent,
          method,
          headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
          ...(body === undefined ? {} : { body }),
          signal: AbortSignal.timeout(timeoutMs),
        })
        if (answer.statusCode !== 200) {
          await answer.body.dump()
          return { kind: 'unavailable', reason: `http_${answer.statusCode}` }
        }
        const text = await answer.body.text()
        // A name that is there twice would be read as whichever comes last: such an answer says nothing.
        return parseJson(text).ok
          ? { kind: 'json', value: jsonValue(text) }
          : { kind: 'unavailable', reason: 'invalid_json' }
      } catch (error) {
        return { kind: 'unavailable', reason: reasonOf(error) }
      }
    },
    close: () => agent.destroy(),
  }
}

function reasonOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string }
  if (name === 'TimeoutError') return 'timeout'
  return code?.toLowerCase() ?? 'failed'
}
