import { hostname } from 'node:os'
import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { listenAt } from './listening.ts'
import { Readiness } from './readiness.ts'
import { soleNode } from './server-node.ts'

test('a node is known by where it listens or is reached, and says how it fares', async () => {
  const app = Fastify()
  onTestFinished(() => app.close())
  const { port } = await listenAt({ host: '127.0.0.1', port: 0 }, app)
  const readiness = new Readiness({ count: async () => 0 })
  const now = { webhooks: { lag: 3 }, readiness, since: '2026-01-01T00:00:00.000Z', version: '1.2.3' }
  expect(soleNode(app, '', now)).toEqual({
    ...{ id: `${hostname()}:${port}`, url: `http://127.0.0.1:${port}`, version: '1.2.3', since: now.since },
    ...{ shares: 128, behind: 3, status: 'ready' },
  })
  readiness.stop()
  expect(soleNode(app, 'https://hooks.example.com', now)).toMatchObject({
    ...{ url: 'https://hooks.example.com', status: 'draining' },
  })
})
