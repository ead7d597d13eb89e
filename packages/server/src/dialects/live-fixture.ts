import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startServer } from '../compose.ts'
import { readConfig } from '../config.ts'
import { jsonText, jsonValue } from '../core/json-text.ts'
import { MovableClock } from '../core/movable-clock.ts'
import type { TenantId } from '../core/tenant-id.ts'

/** A whole server and receivers for it on loopback, for the end-to-end tests of dialects. */

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly json: any
}

export interface LiveServer {
  readonly url: string
  readonly clock: MovableClock
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** The operator's call; throws unless it was answered 2xx. */
  operate(method: string, path: string, body?: unknown): Promise<Answer['json']>
}

export interface CallOptions {
  readonly token?: string
  readonly authorization?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const adminKey = 'operator-of-the-tests'

/** Starts one; it is stopped when the test ends. */
export async function startLiveServer(
  options: { readonly flags?: Readonly<Record<string, string>>; readonly file?: string } = {},
): Promise<LiveServer> {
  const data = mkdtempSync(join(tmpdir(), 'tidings-live-'))
  const clock = new MovableClock()
  const flags = {
    port: '0',
    data,
    adminKey,
    allowNetworks: '127.0.0.0/8',
    allowHttp: 'true',
    logLevel: 'silent',
    ...options.flags,
  }
  const config = readConfig({ flags, env: {}, file: options.file })
  const starting = startServer(config, { clock })
  onTestFinished(async () => {
    await starting.then(
      (server) => server.close(),
      () => {},
    )
    rmSync(data, { recursive: true, force: true })
  })
  const server = await starting
  const call = async (method: string, path: string, { token, authorization, body, headers }: CallOptions = {}) => {
    const credentials = authorization ?? (token === undefined ? undefined : `Bearer ${token}`)
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(credentials === undefined ? {} : { authorization: credentials }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : jsonText(body) }),
    })
    const text = await response.text()
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== ''
    return { status: response.status, headers: response.headers, text, json: isJson ? jsonValue(text) : undefined }
  }
  return {
    url: server.url,
    clock,
    call,
    async operate(method, path, body) {
      const answer = await call(method, path, { token: adminKey, body })
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
      return answer.json
    },
  }
}

/** A tenant that granted an integration, with the texts of its credentials. */
export async function grantedTenant(
  server: LiveServer,
  given: {
    readonly tenantId: TenantId
    readonly name?: string
    readonly parentId?: TenantId
    readonly integrationId?: string
  },
): Promise<{ integrationId: string; token: string; tokenId: string }> {
  const { tenantId, name, parentId } = given
  await server.operate('POST', '/v1/tenants', { id: tenantId, ...(name && { name }), ...(parentId && { parentId }) })
  const integrationId = given.integrationId ?? (await server.operate('POST', '/v1/integrations', { name: 'App' })).id
  const made = await server.operate('POST', `/v1/integrations/${integrationId}/tokens`, { tenantId })
  return { integrationId, token: made.accessToken, tokenId: made.id }
}

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  /** The exact bytes. */
  readonly body: Buffer
  /** By the server's clock, when one is given. */
  readonly atMs: number
}

export interface LiveReceiver {
  readonly url: string
  readonly requests: ReceivedRequest[]
  /** The answer from now on: a status, or a whole response. */
  answer: number | ((request: ReceivedRequest) => ReceiverAnswer)
  /** The next request that no call of this has given yet; waits for it. */
  next(): Promise<ReceivedRequest>
}

export interface ReceiverAnswer {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A receiver that is gone when the test ends. */
export async function startLiveReceiver(clock?: { now(): number }): Promise<LiveReceiver> {
  const waiting: ((request: ReceivedRequest) => void)[] = []
  const unread: ReceivedRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const received: ReceivedRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks),
        atMs: clock?.now() ?? 0,
      }
      receiver.requests.push(received)
      const { status, body, headers } =
        typeof receiver.answer === 'number' ? { status: receiver.answer } : receiver.answer(received)
      response.writeHead(status, headers).end(body)
      const waiter = waiting.shift()
      if (waiter) waiter(received)
      else unread.push(received)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const receiver: LiveReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests: [],
    answer: 200,
    next() {
      const known = unread.shift()
      return known ? Promise.resolve(known) : new Promise((resolve) => waiting.push(resolve))
    },
  }
  return receiver
}
