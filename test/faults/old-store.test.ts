import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'
import { oldStore, unpackOldStore } from './old-store.ts'

const root = mkdtempSync(join(tmpdir(), 'tidings-old-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a store of format 1 opens with all that it holds, and takes more', async () => {
  const data = join(root, 'data')
  unpackOldStore(data)
  const adminKey = 'operator-of-the-harness'
  const flags = { data, port: '0', adminKey, logLevel: 'silent', allowNetworks: '127.0.0.0/8', allowHttp: 'true' }
  for (let start = 0; start < 2; start++) {
    const server = await startServer(readConfig({ flags, env: {} }))
    try {
      const get = async (path: string, key: string) => {
        const response = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } })
        expect(response.status).toBe(200)
        return (await response.json()) as { items: unknown[]; events: { id: string; offset: string }[] }
      }
      const feed = `/v1/topics/${oldStore.topic}/events?limit=1000`
      const { events } = await get(feed, oldStore.accessToken)
      expect(events).toHaveLength(oldStore.events + start)
      expect((await get('/v1/subscriptions', oldStore.accessToken)).items).toHaveLength(1)
      expect((await get('/v1/deliveries?limit=100', adminKey)).items.length).toBeGreaterThanOrEqual(oldStore.waiting)

      const publish = async (id: string, text: string) => {
        const response = await fetch(`${server.url}/v1/events`, {
          method: 'POST',
          headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            tenantId: oldStore.tenantId,
            type: 'project.updated',
            entityId: '10',
            id,
            data: { text },
          }),
        })
        return { status: response.status, text: await response.text() }
      }
      // The old ids are known: another event under one of them is refused.
      expect((await publish(oldStore.firstId, 'another')).text).toContain('id_reused')
      expect(await publish('new', 'one')).toMatchObject({ status: 201 })
    } finally {
      await server.close()
    }
  }
})
