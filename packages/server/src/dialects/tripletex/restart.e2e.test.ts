import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type RunningServer, startServer } from '../../compose.ts'
import { readConfig } from '../../config/config.ts'
import { basic } from './fixtures/client.ts'

const adminKey = 'operator-of-the-tests'

test('sessions, ended ones and subscriptions outlive a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tidings-tripletex-'))
  let server: RunningServer = await start(data)
  onTestFinished(async () => {
    await server.close()
    rmSync(data, { recursive: true, force: true })
  })
  const call = async (method: string, path: string, authorization: string, body?: unknown) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
  }
  const operator = `Bearer ${adminKey}`
  await call('POST', '/v1/tenants', operator, { id: 1 })
  const { id, clientSecret } = (await call('POST', '/v1/integrations', operator, { name: 'App' })).json
  const { accessToken } = (await call('POST', `/v1/integrations/${id}/tokens`, operator, { tenantId: 1 })).json
  const create = async () => {
    const wanted = { consumerToken: clientSecret, employeeToken: accessToken, expirationDate: '2999-01-01' }
    return (await call('POST', '/v2/token/session/:create', '', wanted)).json.value.token as string
  }
  const [kept, ended] = [await create(), await create()]
  await call('DELETE', `/v2/token/session/${ended}`, basic(0, kept))
  const wanted = { event: 'order.create', targetUrl: 'https://example.com' }
  const made = (await call('POST', '/v2/event/subscription', basic(0, kept), wanted)).json.value

  await server.close()
  server = await start(data)
  expect((await call('GET', '/v2/event/subscription', basic(0, ended))).status).toBe(401)
  const listed = await call('GET', '/v2/event/subscription', basic(0, kept))
  expect(listed.json.values.map(({ id, targetUrl }: typeof made) => [id, targetUrl])).toEqual([
    [made.id, 'https://example.com'],
  ])
})

function start(data: string): Promise<RunningServer> {
  return startServer(readConfig({ flags: { port: '0', data, adminKey, logLevel: 'silent' }, env: {} }))
}
