import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tidings } from '@tidings/client'
import { expect, onTestFinished, test } from 'vitest'
import { adminKey, startCommand } from './fixtures/cli.ts'

/** Starts the server as an operator does, and gives what it logs about endpoints. */
async function start(data: string) {
  const flags = ['--data', data, '--port', '0', '--allow-http', 'true', '--allow-networks', '127.0.0.0/8']
  const command = startCommand(['start', ...flags], { TIDINGS_ADMIN_KEY: adminKey })
  onTestFinished(async () => {
    command.kill('SIGKILL')
    await command.done
  })
  const { stdout } = await command.said('http://127.0.0.1:')
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout)![0]
  return {
    client: new Tidings({ url, key: adminKey }),
    said: (text: string) => command.said(text),
    stop: async () => {
      command.kill('SIGTERM')
      const { stderr } = await command.done
      const lines = stderr.split('\n').filter((line) => line.includes('"msg":"endpoint '))
      return { stderr, lines: lines.map((line) => JSON.parse(line)) }
    },
  }
}

test('an endpoint that fails and recovers is two lines in the log, whatever is tried and restarted between', async () => {
  const data = await mkdtemp(join(tmpdir(), 'tidings-endpoint-lines-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  let status = 500
  const receiver = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(status).end())
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  onTestFinished(() => void receiver.close())
  const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`

  const first = await start(data)
  await first.client.tenants.create({ id: 1, name: 'One' })
  const { id: integration } = await first.client.integrations.create({ name: 'Payroll' })
  await first.client.integrations.tokens(integration).create({ tenantId: 1 })
  const { id } = await first.client.request<{ id: string }>({
    ...{ method: 'POST', path: '/v1/subscriptions' },
    body: {
      integrationId: integration,
      endpoint: { url: `http://${host}/a-secret-path?key=a-secret-key` },
      types: ['*'],
      retry: { delaysSeconds: [3_600] },
    },
  })
  const publish = async ({ client }: typeof first, count: number) => {
    const entities = Array.from({ length: count }, (_, index) => String(index))
    await client.publish(entities.map((entityId) => ({ tenantId: 1, type: 'invoice.updated', entityId })))
  }
  const attempts = async ({ client }: typeof first) => {
    let made = 0
    for await (const delivery of client.deliveries.list({ subscription: id })) made += delivery.attempts
    return made
  }
  await publish(first, 4)
  await expect.poll(() => attempts(first), { timeout: 60_000 }).toBe(4)
  await first.said('endpoint failed')
  const line = { level: 30, subscription: id, integration, host, error: 'http_500' }
  const before = await first.stop()
  expect(before.lines).toMatchObject([{ ...line, msg: 'endpoint failed' }])
  expect(before.stderr).not.toContain('secret')

  const second = await start(data)
  await publish(second, 2)
  await expect.poll(() => attempts(second), { timeout: 60_000 }).toBe(6)
  status = 200
  await publish(second, 1)
  await second.said('endpoint recovered')
  const metrics = await second.client.requestText({ path: '/metrics' })
  expect(metrics).toMatch(/^tidings_delivery_attempts_total\{dialect="standard",outcome="delivered"\} 1$/m)
  expect(metrics).toContain(`tidings_subscription_attempts_total{subscription="${id}",outcome="waiting"} 2\n`)
  expect((await second.stop()).lines).toMatchObject([{ ...line, msg: 'endpoint recovered' }])
})
