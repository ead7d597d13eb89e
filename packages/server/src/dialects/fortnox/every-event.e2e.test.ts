import { expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import rows from '../../catalogue/fixtures/fortnox-events.json' with { type: 'json' }
import { sampleAttributes } from '../../core/event/sample-entity.ts'
import { grantedTenant, startLiveServer } from '../fixtures/live.ts'
import { addTopics, subscribe, TestClient } from './fixtures/client.ts'

const events = rows as [topic: string, name: string, payload: string[]][]

test('all 60 events of the 19 topics can be subscribed to, published, and are received', async () => {
  const server = await startLiveServer()
  const { id, clientSecret } = await server.operate('POST', '/v1/integrations', { name: 'App' })
  const { token } = await grantedTenant(server, { tenantId: 29302, integrationId: id })
  const client = await TestClient.open(Number(new URL(server.url).port))
  const topics = [...new Set(events.map(([topic]) => topic))]
  expect([events.length, topics.length]).toEqual([60, 19])
  const access = { command: 'add-tenants-v1', clientSecret, accessTokens: [token] }
  for (const command of [access, addTopics(...topics), subscribe]) {
    expect(await client.ask(command)).toMatchObject({ result: 'ok' })
  }
  const catalogue = builtinCatalogue()
  const published = events.map(([, name], index) => {
    const { type, attributes } = catalogue.byName('fortnox', name)!
    return { tenantId: 29302, type, entityId: String(index), attributes: sampleAttributes(attributes, index + 1) }
  })
  await server.operate('POST', '/v1/events', published)
  const received: unknown[] = []
  for (const _ of events) received.push(await client.next())
  client.ws.terminate()
  const byEntity = (event: unknown) => Number((event as { entityId: string }).entityId)
  received.sort((a, b) => byEntity(a) - byEntity(b))
  expect(received).toEqual(
    events.map(([topic, type], index) => ({
      topic,
      offset: expect.any(String),
      type,
      tenantId: 29302,
      entityId: String(index),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}(Z|[+-]\d\d:\d\d)$/),
      ...published[index]!.attributes,
    })),
  )
  for (const [index, [, , payload]] of events.entries()) {
    expect(Object.keys(published[index]!.attributes ?? {})).toEqual(payload)
  }
})
