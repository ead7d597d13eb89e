import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { startLiveServer } from '../fixtures/live.ts'
import { TestClient } from './fixtures/client.ts'

/** The session of the reference page, held with a whole server. */
const page = readFileSync(new URL('../../../../../docs/reference/fortnox.md', import.meta.url), 'utf8')
const lines = [...page.matchAll(/^([▶◀]) (\{.*\})$/gm)].map(([, direction, text]) => ({
  isSent: direction === '▶',
  // biome-ignore lint/suspicious/noExplicitAny: what stands on the page is what the test is about
  message: JSON.parse(text!) as any,
}))

test('the session and its end go as the page shows', async () => {
  const server = await startLiveServer()
  const [{ message: adding }] = lines as [(typeof lines)[number]]
  const { clientSecret, accessTokens } = adding
  const shown = lines.find(({ message }) => message.tenantId !== undefined)!.message
  await server.operate('POST', '/v1/tenants', { id: shown.tenantId, name: 'Bygg AB' })
  const { id } = await server.operate('POST', '/v1/integrations', { name: 'App', clientSecret })
  const expiresAt = new Date(server.clock.now() + 3_600_000).toISOString()
  const token = { tenantId: shown.tenantId, accessToken: accessTokens[0].replace('Bearer ', ''), expiresAt }
  await server.operate('POST', `/v1/integrations/${id}/tokens`, token)
  const publish = async () => {
    const { timestamp: time, entityId, tenantId } = shown
    const event = { tenantId, type: 'invoice-payment.bookkept', entityId, time }
    return (await server.operate('POST', '/v1/events', event)).events[0].offset as string
  }
  const last = await publish()

  const client = await TestClient.open(Number(new URL(server.url).port))
  onTestFinished(() => client.ws.terminate())
  let offset: string | undefined
  for (const { isSent, message } of lines) {
    if (isSent) {
      // The page's offset is of another log.
      for (const topic of message.topics ?? []) if (topic.offset) topic.offset = last
      client.send(message)
      continue
    }
    if (message.offset) offset = await publish()
    if (message.reason === 'token-expired') server.clock.jump(3_600_001)
    expect(await client.next()).toEqual(message.offset ? { ...message, offset } : message)
  }
  expect(offset).not.toBe(last)
})
