import { parseJson } from '../core/json/json.ts'
import { OperatorClient } from './operator-client.ts'

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

/** `bodyBytes`: as much as an event may have. */
const limits = { connectionsPerOrigin: 32, bodyBytes: 256 * 1024 }

export function createEntityFetch(): EntityFetch {
  const client = new OperatorClient(limits)
  return {
    async fetch(request) {
      const answer = await client.ask({ ...request, method: 'GET' })
      if (answer.kind === 'failed') return { kind: 'unavailable', reason: answer.reason }
      if (answer.status === 200) return answerOf(answer.bytes)
      return answer.status === 404 || answer.status === 410
        ? { kind: 'gone' }
        : { kind: 'unavailable', reason: `http_${answer.status}` }
    },
    close: async () => client.close(),
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function answerOf(bytes: Uint8Array): EntityAnswer {
  const text = decoded(bytes)
  const parsed = text === null ? null : parseJson(text)
  if (!parsed?.ok) return { kind: 'unavailable', reason: 'invalid_json' }
  switch (parsed.node.kind) {
    case 'object':
      return { kind: 'entity', text: parsed.node.text }
    case 'null':
      return { kind: 'gone' }
    default:
      return { kind: 'unavailable', reason: 'no_object' }
  }
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
