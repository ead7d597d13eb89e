import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningServer, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'

export const adminKey = 'operator-of-the-hostile-tests'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers of every route, looked into by tests
  readonly json: any
}

export interface Integration {
  readonly id: string
  readonly basic: string
  readonly tenantId: number
  readonly tokenId: string
  readonly accessToken: string
}

/** A whole server with two integrations, each with a tenant that the other has not. */
export interface World {
  readonly server: RunningServer
  readonly port: number
  readonly publisherKey: string
  readonly ours: Integration
  readonly theirs: Integration
  call(method: string, path: string, authorization: string | null, body?: unknown): Promise<Reply>
  operate(method: string, path: string, body?: unknown): Promise<Reply>
  close(): Promise<void>
}

export async function startWorld(flags: Readonly<Record<string, string>> = {}): Promise<World> {
  const data = mkdtempSync(join(tmpdir(), 'tidings-http-'))
  const config = readConfig({
    flags: {
      port: '0',
      data,
      adminKey,
      allowNetworks: '127.0.0.0/8',
      allowHttp: 'true',
      logLevel: 'silent',
      wrongKeysPerMinute: '100000',
      ...flags,
    },
    env: {},
  })
  const server = await startServer(config)
  const call = async (method: string, path: string, authorization: string | null, body?: unknown): Promise<Reply> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(authorization === null ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null }
  }
  const operate = async (method: string, path: string, body?: unknown) => {
    const reply = await call(method, path, `Bearer ${adminKey}`, body)
    if (reply.status >= 400) throw new Error(`${method} ${path} was answered with ${reply.status}: ${reply.text}`)
    return reply
  }
  const integration = async (name: string, tenantId: number): Promise<Integration> => {
    await operate('POST', '/v1/tenants', { id: tenantId, name })
    const { id, clientId, clientSecret } = (await operate('POST', '/v1/integrations', { name })).json
    const token = (await operate('POST', `/v1/integrations/${id}/tokens`, { tenantId })).json
    return {
      id,
      basic: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      tenantId,
      tokenId: token.id,
      accessToken: token.accessToken,
    }
  }
  const ours = await integration('Ours', 101)
  const theirs = await integration('Theirs', 202)
  const { key } = (await operate('POST', '/v1/keys', { kind: 'pub' })).json
  return {
    server,
    port: Number(new URL(server.url).port),
    publisherKey: key,
    ours,
    theirs,
    call,
    operate,
    async close() {
      await server.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** One route of the running server, as its OpenAPI document has it. */
export interface Route {
  readonly method: string
  readonly path: string
}

/** Every route under `/v1`. */
export async function nativeRoutes(world: World): Promise<Route[]> {
  const { json } = await world.call('GET', '/openapi.json', null)
  const paths = json.paths as Record<string, Record<string, unknown>>
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => ['get', 'put', 'post', 'patch', 'delete'].includes(method))
        .map((method) => ({ method: method.toUpperCase(), path })),
    )
}
