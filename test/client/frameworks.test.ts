import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Receiver, receive, Tidings, type WebhookDialect } from '../../packages/client/src/index.ts'
import { startWorld, tenantId, type World } from './world.ts'

/** What each kind of subscription is made of; its receiver stands at `/hook/<name>`. */
const kinds: Readonly<
  Record<string, { readonly dialect: WebhookDialect; readonly settings?: object; readonly more?: object }>
> = {
  standard: { dialect: 'standard' },
  ed25519: { dialect: 'standard', more: { signature: 'ed25519' } },
  batch: { dialect: 'standard', more: { batch: { maxEvents: 10, maxWaitMs: 10 } } },
  structured: { dialect: 'cloudevents' },
  binary: { dialect: 'cloudevents', settings: { mode: 'binary' } },
  batched: { dialect: 'cloudevents', settings: { mode: 'batched' } },
  tripletex: { dialect: 'tripletex' },
  nxt: { dialect: 'visma-business-nxt' },
  moneybird: { dialect: 'moneybird' },
  fakturownia: { dialect: 'fakturownia' },
  'fakturownia-get': { dialect: 'fakturownia' },
}

let world: World
let integrator: Tidings
let accessToken: string
beforeAll(async () => {
  world = await startWorld()
  const { id } = await world.operator().integrations.create({ name: 'Receivers' })
  ;({ accessToken } = await world.operator().integrations.tokens(id).create({ tenantId }))
  integrator = new Tidings({ url: world.url, key: accessToken })
})
afterAll(() => world?.[Symbol.asyncDispose]())

interface Hooks {
  readonly receivers: ReadonlyMap<string, Receiver>
  readonly secrets: Map<string, string>
  readonly handled: string[]
}

/** A receiver for each kind; what it handled is `<kind> <its event's text or object>`. */
function hooks(): Hooks {
  const secrets = new Map<string, string>()
  const handled: string[] = []
  const receivers = new Map(
    Object.entries(kinds).map(([name, { dialect }]) => [
      name,
      receive({
        dialect,
        secrets: () => [secrets.get(name)!],
        handle: ({ raw }: { raw: string }) => void handled.push(`${name} ${raw}`),
        onRefused: (error) => handled.push(`${name} refused: ${error.message}`),
        onError: (error) => handled.push(`${name} failed: ${(error as Error).message}`),
      } as Parameters<typeof receive>[0]),
    ]),
  )
  return { receivers, secrets, handled }
}

type App = (hooks: Hooks) => Promise<RequestListener> | RequestListener

const nameIn = (path: string) => /^\/hook\/([\w-]+)/.exec(path)![1]!

/** Web requests from Node's, for servers that have nothing else. */
const overWeb =
  (answer: (request: Request) => Promise<Response> | Response): RequestListener =>
  async (incoming, outgoing) => {
    const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD'
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method!,
      headers: incoming.headers as Record<string, string>,
      ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
    } as RequestInit)
    const response = await answer(request)
    outgoing
      .writeHead(response.status, Object.fromEntries(response.headers))
      .end(Buffer.from(await response.arrayBuffer()))
  }

const apps: Readonly<Record<string, App>> = {
  'plain Node':
    ({ receivers }) =>
    (request, response) =>
      void receivers.get(nameIn(request.url!))!.node(request, response),

  'Express, before its parsers': ({ receivers }) => {
    const app = express()
    for (const [name, receiver] of receivers) app.all(`/hook/${name}`, receiver.node)
    app.use(express.json())
    return app
  },

  'Express, behind express.raw()': ({ receivers }) => {
    const app = express()
    app.use('/hook', express.raw({ type: '*/*', limit: '16mb' }))
    app.use(express.json())
    for (const [name, receiver] of receivers) app.all(`/hook/${name}`, receiver.node)
    return app
  },

  'Express, behind a parser that keeps the raw body': ({ receivers }) => {
    const app = express()
    const verify = (request: object, _response: unknown, body: Buffer) => void Object.assign(request, { rawBody: body })
    app.use(express.json({ type: ['json', '+json'], verify }))
    for (const [name, receiver] of receivers) app.all(`/hook/${name}`, receiver.node)
    return app
  },

  Fastify: async ({ receivers }) => {
    const app = fastify()
    for (const [name, receiver] of receivers) app.register(receiver.fastify, { url: `/hook/${name}` })
    await app.ready()
    return (request, response) => app.routing(request, response)
  },

  Hono: ({ receivers }) => {
    const app = new Hono()
    for (const [name, receiver] of receivers) app.all(`/hook/${name}`, receiver.hono)
    return overWeb((request) => app.fetch(request))
  },

  'Hono, behind a middleware that reads the body': ({ receivers }) => {
    const app = new Hono()
    app.use(async (context, next) => {
      if (context.req.method === 'POST') await context.req.json()
      await next()
    })
    for (const [name, receiver] of receivers) app.all(`/hook/${name}`, receiver.hono)
    return overWeb((request) => app.fetch(request))
  },

  'web requests': ({ receivers }) =>
    overWeb((request) => receivers.get(nameIn(new URL(request.url).pathname))!.fetch(request)),
}

async function listen(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Makes the subscription of a kind, as an integrator does. Returns its id, natively, and its secret. */
async function subscribe(name: string, url: string): Promise<{ id: string; secret: string }> {
  const { dialect, settings, more } = kinds[name]!
  if (dialect === 'fakturownia') {
    const secret = 'what the receiver knows us by: łódź'
    const method = name.endsWith('-get') ? 'get' : 'post'
    const webhook = { kind: 'product:update', url, api_token: secret, method }
    await integrator.request({ method: 'POST', path: '/webhooks.json', body: { webhook } })
    const made = (await Array.fromAsync(integrator.subscriptions.list())).find((each) => each.endpoint.url === url)!
    return { id: made.id, secret }
  }
  const draft = { dialect, types: ['product.updated'], endpoint: { url }, ...(settings && { settings }), ...more }
  const { id, signingSecret, signingPublicKey } = (await integrator.subscriptions.create(
    draft as never,
  )) as unknown as {
    readonly id: string
    readonly signingSecret: string | null
    readonly signingPublicKey?: string
  }
  return { id, secret: signingSecret ?? signingPublicKey! }
}

describe.each(Object.entries(apps))('%s', (_name, app) => {
  test('every dialect is received from the server itself, with its digits, at the first attempt', async () => {
    const world = hooks()
    const { server, url } = await listen(await app(world))
    const ids = new Map<string, string>()
    for (const name of Object.keys(kinds)) {
      const { id, secret } = await subscribe(name, `${url}/hook/${name}`)
      ids.set(name, id)
      world.secrets.set(name, secret)
    }
    try {
      const text = '{"id":3817,"name":"Åse 株式会社","price":12345678901234567.89}'
      await operator().publish(
        `{"tenantId":${tenantId},"type":"product.updated","entityId":"3817","data":${text},"changed":[{"Price":12345678901234567.89}]}`,
      )
      for (const [name, id] of ids) {
        const of = async () => {
          const [delivery] = await Array.fromAsync(integrator.deliveries.list({ subscription: id }))
          return delivery && { status: delivery.status, attempts: delivery.attempts }
        }
        await expect
          .poll(of, { message: `${name}: ${world.handled.join('\n')}` })
          .toEqual({ status: 'delivered', attempts: 1 })
      }
      expect(world.handled.map((line) => line.slice(0, line.indexOf(' '))).sort()).toEqual(Object.keys(kinds).sort())
      const withEntity = world.handled.filter((line) => !line.startsWith('fakturownia-get'))
      for (const line of withEntity) expect(line).toContain('12345678901234567.89')
    } finally {
      for (const id of ids.values()) await integrator.subscriptions.delete(id)
      server.close()
      server.closeAllConnections()
    }
  })
})

const operator = () => world.operator()

test('a body that express.json() parsed is not verified, and whoever runs the receiver is told why', async () => {
  const world = hooks()
  const app = express()
  app.use(express.json())
  app.post('/hook', world.receivers.get('standard')!.node)
  const { server, url } = await listen(app)
  try {
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(`${url}/hook`, { method: 'POST', headers, body: '{"a":1}' })).status).toBe(500)
    expect(world.handled.join()).toContain('Mount the receiver before express.json()')
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('Fastify parses the bodies of other routes as before', async () => {
  const app = fastify()
  app.register(hooks().receivers.get('standard')!.fastify, { url: '/hook' })
  app.post('/other', async ({ body }) => ({ got: body }))
  const answer = await app.inject({ method: 'POST', url: '/other', payload: { a: 1 } })
  expect(answer.json()).toEqual({ got: { a: 1 } })
  expect((await app.inject({ method: 'POST', url: '/hook', payload: { a: 1 } })).statusCode).toBe(400)
  expect((await app.inject({ method: 'DELETE', url: '/hook' })).statusCode).toBe(404)
})

test('plain Node answers a body that is too large before it has all come', async () => {
  const receiver = receive({ dialect: 'standard', secrets: 'whsec_AAAA', handle: () => {}, maxBodyBytes: 1_000 })
  const { server, url } = await listen((request, response) => void receiver.node(request, response))
  try {
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(600)) })
    const response = await fetch(url, { method: 'POST', body: endless, duplex: 'half' } as RequestInit)
    expect(response.status).toBe(413)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
