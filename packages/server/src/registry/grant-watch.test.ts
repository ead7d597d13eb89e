import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'
import { MovableClock } from '../core/time/movable-clock.ts'

const adminKey = 'an-operator-key-for-tests'

interface Answer {
  readonly id: string
  readonly hasGrant: boolean
  readonly events: readonly { readonly type: string; readonly entityId: string }[]
}

test('a grant that expires, and a subscription that never had one, are told of; Tidings’ own events need no grant', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tidings-grant-watch-'))
  const clock = new MovableClock()
  const server = await startServer(readConfig({ flags: { port: '0', data, adminKey, logLevel: 'silent' }, env: {} }), {
    clock,
  })
  onTestFinished(async () => {
    await server.close()
    rmSync(data, { recursive: true, force: true })
  })
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return response.json() as Promise<Answer>
  }
  await call('POST', '/v1/tenants', { id: 1 })
  const subscribed = async (types: string[], tokens: object[]) => {
    const { id } = await call('POST', '/v1/integrations', { name: 'one' })
    for (const token of tokens) await call('POST', `/v1/integrations/${id}/tokens`, { tenantId: 1, ...token })
    const endpoint = { url: 'https://example.com/hook' }
    return call('POST', '/v1/subscriptions', { integrationId: id, endpoint, types })
  }
  const inTenMinutes = { expiresAt: new Date(clock.now() + 600_000).toISOString() }
  const [expiring, lasting, never, own] = [
    await subscribed(['*'], [inTenMinutes]),
    await subscribed(['*'], [inTenMinutes, {}]),
    await subscribed(['*'], []),
    await subscribed(['subscription.*'], []),
  ]
  expect([expiring, lasting, never, own].map(({ hasGrant }) => hasGrant)).toEqual([true, true, false, true])
  const told = async () => {
    const { events } = await call('GET', '/v1/topics/tidings/events')
    return events.map(({ type, entityId }) => `${type} ${entityId}`)
  }
  await clock.advance(60_000)
  await expect.poll(told).toEqual([`subscription.ungranted ${never.id}`])
  await clock.advance(600_000)
  await expect.poll(told).toEqual([`subscription.ungranted ${never.id}`, `subscription.ungranted ${expiring.id}`])
  expect((await call('GET', `/v1/subscriptions/${lasting.id}`)).hasGrant).toBe(true)
  // The hourly look at all of them says nothing twice.
  await clock.advance(3_700_000)
  await call('GET', `/v1/subscriptions/${lasting.id}`)
  expect(await told()).toHaveLength(2)
})
