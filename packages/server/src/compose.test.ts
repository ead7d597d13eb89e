import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer } from './compose.ts'
import { readConfig } from './config/config.ts'
import { type Clock, systemClock } from './core/time/clock.ts'

const adminKey = 'operator-of-this-test'
let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tidings-compose-'))
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

const configOf = (flags: Readonly<Record<string, string>> = {}) =>
  readConfig({ flags: { port: '0', data, adminKey, logLevel: 'silent', ...flags }, env: {} })

/** The system's clock, which knows what it still has to do. */
class WatchedClock implements Clock {
  readonly outstanding = new Set<() => void>()

  now(): number {
    return systemClock.now()
  }

  schedule(delayMs: number, task: () => void): () => void {
    const cancel = systemClock.schedule(delayMs, () => {
      this.outstanding.delete(task)
      task()
    })
    this.outstanding.add(task)
    return () => {
      this.outstanding.delete(task)
      cancel()
    }
  }
}

async function expectUsable(): Promise<void> {
  const server = await startServer(configOf())
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  await server.close()
}

describe('a start that fails releases what it opened: the same data can be used again at once', () => {
  test('at one of the last steps, the first timer of the data path', async () => {
    const broken: Clock = {
      now: () => Date.now(),
      schedule() {
        throw new Error('there are no timers')
      },
    }
    await expect(startServer(configOf(), { clock: broken })).rejects.toThrow('there are no timers')
    await expectUsable()
  })

  test('when it cannot listen: no timer goes on', async () => {
    const clock = new WatchedClock()
    await expect(startServer(configOf({ host: '192.0.2.1' }), { clock })).rejects.toThrow('--host')
    expect(clock.outstanding.size).toBe(0)
    await expectUsable()
  })
})

describe('a signal while it starts', () => {
  test('before the first step', async () => {
    const reason = new Error('stop')
    await expect(startServer(configOf(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expectUsable()
  })

  test('between two steps', async () => {
    const controller = new AbortController()
    const clock = new WatchedClock()
    const schedule = clock.schedule.bind(clock)
    clock.schedule = (delayMs, task) => {
      controller.abort(new Error('stop'))
      return schedule(delayMs, task)
    }
    await expect(startServer(configOf(), { clock, signal: controller.signal })).rejects.toThrow('stop')
    expect(clock.outstanding.size).toBe(0)
    await expectUsable()
  })

  test('once it runs, the signal is its owner’s to act on', async () => {
    const controller = new AbortController()
    const server = await startServer(configOf(), { signal: controller.signal })
    controller.abort()
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    await server.close()
  })
})

test('after a stop no timer goes on, whatever was under way', async () => {
  const clock = new WatchedClock()
  const server = await startServer(configOf({ allowNetworks: '127.0.0.0/8', allowHttp: 'true' }), { clock })
  const call = async (method: string, path: string, body?: unknown, authorization = `Bearer ${adminKey}`) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return (await response.json()) as Record<string, string>
  }
  await call('POST', '/v1/tenants', { id: 1, name: 'One' })
  const { id, clientId, clientSecret } = await call('POST', '/v1/integrations', { name: 'Many' })
  await call('POST', `/v1/integrations/${id}/tokens`, { tenantId: 1 })
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const endpoint = { url: 'http://127.0.0.1:9/refuses' }
  await call('POST', '/v1/subscriptions', { endpoint, types: ['*'] }, basic)
  await call('POST', '/v1/events', { tenantId: 1, type: 'invoice.updated', entityId: '1' })
  const stream = await fetch(`${server.url}/v1/stream?topics=invoices`, { headers: { authorization: basic } })
  const feed = fetch(`${server.url}/v1/topics/customers/events?wait=20`, { headers: { authorization: basic } })
  // Each is a commit that the registry's followers are woken for.
  const made = Array.from({ length: 300 }, (_, index) =>
    call('POST', '/v1/subscriptions', { endpoint, types: ['invoice.*'], description: `${index}` }, basic),
  )
  await Promise.all(made)
  await server.close()
  await Promise.allSettled([stream.text(), feed])
  expect(clock.outstanding.size).toBe(0)
})
