import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { grantedTenant, startLiveReceiver, startLiveServer } from '../fixtures/live.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../samples.ts'
import { cloudEventsDialect } from './dialect.ts'

/** The examples of the reference page, against what the server does. */
const page = readFileSync(new URL('../../../../../docs/reference/cloudevents.md', import.meta.url), 'utf8')
const [structured = '', binary = '', question = '', answer = ''] = [...page.matchAll(/```http\n([\s\S]*?)```/g)].map(
  (match) => match[1]!,
)

function headersOf(example: string): Record<string, string> {
  const lines = example.split('\n\n')[0]!.trim().split('\n')
  const pairs = lines
    .filter((line) => /^[\w-]+: /.test(line))
    .map((line) => line.split(/: (.*)/, 2) as [string, string])
  return Object.fromEntries(pairs)
}

const event = sampleEvent(
  `{"tenantId":29302,"type":"invoice.updated","entityId":"3817","time":"2017-12-28T14:59:16.500+01:00",
    "id":"inv-3817-v12","version":12,"data":{"id":3817,"total":12345678901234567.89}}`,
)

test.each([
  ['structured', structured],
  ['binary', binary],
])('the %s request is the one that is shown', (mode, example) => {
  const { method, headers, body } = cloudEventsDialect.webhook.encode([sampleDelivery(event)], {
    subscription: sampleSubscription('cloudevents', { settings: { mode } }),
    secrets: [],
    nowMs: 1_514_469_556_500,
  })
  expect(example.startsWith(`${method} /hook HTTP/1.1\n`)).toBe(true)
  expect(body).toBe(example.split('\n\n')[1]!.trim())
  // The delivery's id and the signature are of another secret and log.
  const { 'webhook-signature': signature, 'webhook-id': id, ...shown } = headersOf(example)
  expect(signature).toMatch(/^v1,/)
  expect(id).toMatch(/^dlv_/)
  const { 'webhook-id': _, ...sent } = Object.fromEntries(headers)
  expect(sent).toEqual(shown)
})

test('the handshake asks as it is shown, and the answer that is shown grants', async () => {
  const shown = headersOf(question)
  const origin = shown['webhook-request-origin']!
  const server = await startLiveServer({ flags: { originName: origin } })
  const receiver = await startLiveReceiver(server.clock)
  receiver.answer = () => ({ status: 200, headers: headersOf(answer) })
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  const ratePerSecond = Number(shown['webhook-request-rate']) / 60
  const endpoint = { url: receiver.url }
  const made = await server.call('POST', '/v1/subscriptions', {
    token,
    body: { dialect: 'cloudevents', types: ['*'], endpoint, ratePerSecond },
  })
  expect(made).toMatchObject({ status: 201, json: { ratePerSecond, settings: { origin } } })
  const { method, path, headers } = await receiver.next()
  expect(question.startsWith(`${method} ${path} HTTP/1.1\n`)).toBe(true)
  expect(headers).toMatchObject(shown)
})
