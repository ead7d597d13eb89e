import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config.ts'

const adminKey = 'an-operator-key-for-tests'

export interface Received {
  readonly id: string
  readonly sequence: number
  readonly entityId: string
}

/** A server with an integration of tenant 1, and a receiver that answers as it is told to. */
export async function startDeliveries(endings: (() => unknown)[]) {
  const data = mkdtempSync(join(tmpdir(), 'tidings-deliveries-'))
  endings.push(() => rmSync(data, { recursive: true, force: true }))
  const receiver = await startReceiver(endings)
  const flags = { port: '0', data, adminKey, allowNetworks: '127.0.0.0/8', allowHttp: 'true', logLevel: 'silent' }
  let server: RunningServer | undefined
  const start = async () => {
    server = await startServer(readConfig({ flags, env: {} }))
  }
  await start()
  endings.push(() => server?.close())
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(server!.url + path, {
      method,
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  const made = async (path: string, body: unknown) => JSON.parse((await call('POST', path, body)).text)
  await made('/v1/tenants', { id: 1 })
  const integration = await made('/v1/integrations', { name: 'one' })
  await made(`/v1/integrations/${integration.id}/tokens`, { tenantId: 1 })
  const basic = Buffer.from(`${integration.clientId}:${integration.clientSecret}`).toString('base64')
  return {
    call,
    /** Headers by which the integration itself calls. */
    asIntegration: { authorization: `Basic ${basic}` },
    made,
    receiver,
    read: async (path: string) => JSON.parse((await call('GET', path)).text),
    subscribe: (rest: object = {}) =>
      made('/v1/subscriptions', {
        integrationId: integration.id,
        endpoint: { url: receiver.url },
        types: ['invoice.*', 'customer.*'],
        retry: { delaysSeconds: [] },
        ...rest,
      }),
    /** Ends the server as SIGTERM does and starts it again over the same store. */
    restart: async () => {
      await server!.close()
      server = undefined
      await start()
    },
  }
}

async function startReceiver(endings: (() => unknown)[]) {
  const waiters = new Set<() => void>()
  const held: ServerResponse[] = []
  const receiver = {
    url: '',
    status: 500,
    requests: 0,
    /** Answers nothing until `release`. */
    isHolding: false,
    accepted: [] as Received[],
    release() {
      receiver.isHolding = false
      for (const response of held.splice(0)) response.writeHead(receiver.status).end()
    },
    async until(condition: () => boolean) {
      while (!condition()) await new Promise<void>((resolve) => waiters.add(resolve))
    },
  }
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
    receiver.requests += 1
    if (receiver.status === 200) {
      const { sequence, entityId } = body
      receiver.accepted.push({ id: String(request.headers['webhook-id']), sequence, entityId })
    }
    if (receiver.isHolding) held.push(response)
    else response.writeHead(receiver.status).end()
    for (const wake of waiters) wake()
    waiters.clear()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  endings.push(() => server.close())
  return receiver
}
