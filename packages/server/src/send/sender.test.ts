import { expect, test } from 'vitest'
import { noTiming } from '../core/delivery/attempt-timing.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../dialects/samples.ts'
import { standardDialect } from '../dialects/standard/dialect.ts'
import { createSender } from './sender.ts'
import type { OutgoingRequest, TransportResult } from './transport.ts'

const event = sampleEvent('{"tenantId":1,"type":"invoice.updated","entityId":"1"}')
const due = () => [sampleDelivery(event)] as const
const answer = (status: number): TransportResult => ({
  ...{
    status,
    error: null,
    body: '',
    retryAfter: null,
    headers: {},
    durationMs: 1,
    timing: noTiming,
    isCutShort: false,
  },
})
const refusedToken: TransportResult = { ...answer(500), status: null, error: 'connection_refused' }

interface Given {
  readonly status?: number
  readonly authorization?: string | null
  readonly headers?: readonly (readonly [string, string])[]
  readonly token?: 'given' | 'refused'
}

function open({ status = 200, authorization = null, headers = [], token = 'given' }: Given = {}) {
  const requests: OutgoingRequest[] = []
  const refused: Subscription[] = []
  const sender = createSender({
    transport: {
      send: async (request) => {
        requests.push(request)
        return answer(status)
      },
      close: async () => {},
    },
    unsealer: { liveSecrets: () => [], headers: () => headers, authorization: () => authorization, tls: () => null },
    tokens: {
      authorization: async () =>
        token === 'given' ? { ok: true, value: 'Bearer fetched' } : { ok: false, result: refusedToken },
      refused: (subscription) => void refused.push(subscription),
    },
    dialectOf: () => standardDialect.webhook,
    operatorSettingsOf: () => ({}),
    signedAtMs: () => 0,
  })
  return { sender, requests, refused }
}

const withOauth = () => {
  const subscription = sampleSubscription('standard')
  const auth = { type: 'oauth2' as const, tokenUrl: 'https://id.example/token', clientId: 'c', clientSecret: 's' }
  return { ...subscription, endpoint: { ...subscription.endpoint, auth } } as Subscription
}

test("adds the subscription's headers and credentials after the dialect's own", async () => {
  const { sender, requests } = open({ authorization: 'Basic eDp5', headers: [['x-own', '1']] })
  expect(await sender.send(sampleSubscription('standard'), due, 0, 'proven')).toMatchObject({ status: 200 })
  expect(requests[0]?.headers.slice(-2)).toEqual([
    ['x-own', '1'],
    ['authorization', 'Basic eDp5'],
  ])
  expect(requests[0]).toMatchObject({ url: 'https://example.com/hook', timeoutMs: 15_000, wantsHeaders: false })
})

test('sends nothing when nothing is due any more', async () => {
  const { sender, requests } = open()
  expect(await sender.send(sampleSubscription('standard'), () => undefined, 0, 'proven')).toBeUndefined()
  expect(requests).toEqual([])
})

test('fetches a token for a subscription that asks for one, before it asks what is due', async () => {
  const { sender, requests } = open()
  await sender.send(withOauth(), due, 0, 'proven')
  expect(requests[0]?.headers.at(-1)).toEqual(['authorization', 'Bearer fetched'])
})

test('without a token there is no request, and its failure is that of the attempt', async () => {
  const { sender, requests } = open({ token: 'refused' })
  expect(await sender.send(withOauth(), due, 0, 'proven')).toEqual(refusedToken)
  expect(requests).toEqual([])
})

test('a token that the receiver refused is fetched anew; without one, 401 is an answer like others', async () => {
  const { sender, refused } = open({ status: 401 })
  await sender.send(sampleSubscription('standard'), due, 0, 'proven')
  expect(refused).toEqual([])
  await sender.send(withOauth(), due, 0, 'proven')
  expect(refused).toHaveLength(1)
})

test('what is no delivery wants the headers of the answer', async () => {
  const { sender, requests } = open()
  const bare = { method: 'OPTIONS' as const, url: 'https://example.com/hook', headers: [], body: null }
  expect(await sender.ask(sampleSubscription('standard'), bare)).toMatchObject({ status: 200 })
  expect(requests[0]).toMatchObject({ method: 'OPTIONS', wantsHeaders: true })
})
