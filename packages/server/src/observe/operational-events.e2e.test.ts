import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { afterEach, expect, it } from 'vitest'
import { startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'
import { MovableClock } from '../core/time/movable-clock.ts'

const adminKey = 'an-operator-key-for-tests'
const endings: (() => unknown)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** A real SMTP server that keeps what it is sent. */
async function startMailbox(): Promise<{ port: number; mails: string[]; arrived: (count: number) => Promise<void> }> {
  const mails: string[] = []
  const waiters: (() => void)[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      let text = ''
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      stream.on('end', () => {
        mails.push(text)
        for (const wake of waiters.splice(0)) wake()
        done()
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  endings.push(() => new Promise<void>((resolve) => server.close(resolve)))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    arrived: async (count) => {
      while (mails.length < count) await new Promise<void>((resolve) => waiters.push(resolve))
    },
  }
}

/** A receiver that fails at `/bad` while it is told to. */
async function startReceiver() {
  const received: { path: string; body: Record<string, unknown> }[] = []
  const waiters: (() => void)[] = []
  const state = { isFailing: true }
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', () => {
      received.push({ path: request.url ?? '', body: JSON.parse(text) })
      response.writeHead(request.url === '/bad' && state.isFailing ? 500 : 200).end()
      for (const wake of waiters.splice(0)) wake()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endings.push(() => server.close())
  const has = (path: string, type: string) =>
    received.some((request) => request.path === path && request.body.type === type)
  return {
    port: (server.address() as AddressInfo).port,
    state,
    received,
    count: (path: string) => received.filter((request) => request.path === path).length,
    until: async (condition: () => boolean) => {
      while (!condition()) await new Promise<void>((resolve) => waiters.push(resolve))
    },
    has,
  }
}

it('tells of failing and recovered subscriptions, to the integration alone and by mail', async () => {
  const mailbox = await startMailbox()
  const receiver = await startReceiver()
  const data = mkdtempSync(join(tmpdir(), 'tidings-operational-'))
  endings.push(() => rmSync(data, { recursive: true, force: true }))
  const file = join(data, 'tidings.yaml')
  writeFileSync(
    file,
    `smtp:\n  url: smtp://127.0.0.1:${mailbox.port}\n  from: tidings@example.com\n  to: ops@example.com\n`,
  )
  const clock = new MovableClock()
  const flags = { port: '0', data, adminKey, allowNetworks: '127.0.0.0/8', allowHttp: 'true', logLevel: 'silent' }
  const server = await startServer(readConfig({ flags, env: {}, file }), { clock })
  endings.push(() => server.close())
  const call = async <T = Record<string, string>>(
    method: string,
    path: string,
    body: unknown,
    authorization = `Bearer ${adminKey}`,
  ) => {
    const init = { method, headers: { authorization, 'content-type': 'application/json' } }
    const response = await fetch(server.url + path, body === undefined ? init : { ...init, body: JSON.stringify(body) })
    return (await response.json()) as T
  }
  await call('POST', '/v1/tenants', { id: 1 })
  const [one, other] = await Promise.all(
    ['one', 'other'].map(async (name) => {
      const made = await call('POST', '/v1/integrations', { name })
      await call('POST', `/v1/integrations/${made.id}/tokens`, { tenantId: 1 })
      return `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret}`).toString('base64')}`
    }),
  )
  const subscribe = (path: string, types: string[], authorization: string | undefined) =>
    call(
      'POST',
      '/v1/subscriptions',
      {
        endpoint: { url: `http://127.0.0.1:${receiver.port}${path}` },
        types,
        retry: { delaysSeconds: [30, 60, 60, 3_600] },
      },
      authorization,
    )
  await subscribe('/bad', ['*'], one)
  await subscribe('/own', ['subscription.*'], one)
  await subscribe('/foreign', ['subscription.*'], other)

  await call('POST', '/v1/events', { tenantId: 1, type: 'invoice.updated', entityId: '1' })
  const attemptsMade = async () => {
    const { items } = await call<{ items: { attempts: number }[] }>('GET', '/v1/deliveries?status=waiting', undefined)
    return items[0]?.attempts
  }
  for (const [attempts, forwardMs] of [
    [1, 40_000],
    [2, 70_000],
  ] as const) {
    // The receiver has it before the server has the answer, by which the time of the next attempt is set.
    await expect.poll(() => attemptsMade()).toBe(attempts)
    await clock.advance(forwardMs)
  }
  await receiver.until(() => receiver.has('/own', 'subscription.failing'))
  await mailbox.arrived(1)
  expect(mailbox.mails[0]).toContain('subscription.failing')

  receiver.state.isFailing = false
  await clock.advance(70_000)
  await receiver.until(() => receiver.has('/own', 'subscription.recovered'))
  // `*` does not ask for them, and another integration never sees them.
  expect(
    receiver.received.filter(({ path }) => path === '/bad').every(({ body }) => body.type === 'invoice.updated'),
  ).toBe(true)
  expect(receiver.count('/foreign')).toBe(0)
  const foreign = await call<{ events: unknown[] }>('GET', '/v1/topics/tidings/events', undefined, other)
  expect(foreign.events).toEqual([])
})

it('publishes no operational event for a publisher', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tidings-operational-'))
  endings.push(() => rmSync(data, { recursive: true, force: true }))
  const server = await startServer(readConfig({ flags: { port: '0', data, adminKey, logLevel: 'silent' }, env: {} }))
  endings.push(() => server.close())
  const response = await fetch(`${server.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tenantId: 1, type: 'subscription.disabled', entityId: 'sub_1' }),
  })
  expect(response.status).toBe(422)
})
