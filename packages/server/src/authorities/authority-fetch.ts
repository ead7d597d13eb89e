import { parseJson } from '../core/json/json.ts'
import { jsonValue } from '../core/json/json-text.ts'
import { OperatorClient } from '../send/operator-client.ts'

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

/** `bodyBytes`: a set of a hundred keys with their certificates fits. */
const limits = { connectionsPerOrigin: 16, bodyBytes: 256 * 1024 }

/** Of what strangers send, only a token comes here, in a form's body. */
export function createAuthorityFetch(): AuthorityFetch {
  const client = new OperatorClient(limits)
  return {
    async ask(question) {
      const answer = await client.ask(question)
      if (answer.kind === 'failed') return { kind: 'unavailable', reason: answer.reason }
      if (answer.status !== 200) return { kind: 'unavailable', reason: `http_${answer.status}` }
      const text = answer.bytes.toString('utf8')
      // A name that is there twice would be read as whichever comes last: such an answer says nothing.
      return parseJson(text).ok
        ? { kind: 'json', value: jsonValue(text) }
        : { kind: 'unavailable', reason: 'invalid_json' }
    },
    close: async () => client.close(),
  }
}
