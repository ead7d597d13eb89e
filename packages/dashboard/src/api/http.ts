import { parseExact } from './exact-json.ts'
import { Problem, problemOf } from './problem.ts'

export type QueryValue = string | number | boolean | undefined | null
export interface Ask {
  readonly query?: Readonly<Record<string, QueryValue>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** An access token, or `clientId:clientSecret`, in place of the session: a dialect's own routes know no session. */
  readonly token?: string
}
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Asks the server that the page came from. The session's cookie goes along by itself; the header proves to the server
 * that the request is made by these pages and by no form of another site.
 * @throws Problem for every answer that is no success, and when no answer came
 */
export async function ask<Answer>(
  method: Method,
  path: string,
  { query, body, signal, token }: Ask = {},
): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (token !== undefined) headers.authorization = token.includes(':') ? `Basic ${btoa(token)}` : `Bearer ${token}`
  else if (method !== 'GET') headers['x-tidings-session'] = '1'
  if (body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  let text: string
  try {
    response = await fetch(path + queryText(query), {
      method,
      headers,
      credentials: token === undefined ? 'same-origin' : 'omit',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    text = await response.text()
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Problem(0, 'unreachable', String(error))
  }
  if (!response.ok) throw problemOf(response.status, text)
  return (text === '' ? undefined : parseExact(text)) as Answer
}

export function queryText(query: Ask['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

/** A name inside a path: ids of publishers may hold anything. */
export const segment = encodeURIComponent

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}
