import { verify as verifyEd25519 } from 'node:crypto'
import * as standardWebhooks from 'standardwebhooks'
import * as svix from 'svix'
import { expect, test } from 'vitest'
import type { EncodeContext, EncodedRequest, LiveSecret } from '../../core/dialect/dialect.ts'
import { makeEd25519Keys, makeHmacSecret, readEd25519PublicKey } from '../../core/dialect/signature-secret.ts'
import { describeDialect } from '../conformance.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../samples.ts'
import { standardDialect } from './dialect.ts'

const keys = makeEd25519Keys(new Uint8Array(32).fill(3))
const current: LiveSecret = { algorithm: 'hmac-sha256', secret: makeHmacSecret(new Uint8Array(32).fill(1)) }
const former: LiveSecret = { algorithm: 'hmac-sha256', secret: makeHmacSecret(new Uint8Array(32).fill(2)) }
const asymmetric: LiveSecret = { algorithm: 'ed25519', secret: keys.privateKey }

const subscription = sampleSubscription('standard')
const context: EncodeContext = { subscription, secrets: [current], nowMs: 1_514_469_556_500 }

const updated = sampleEvent(
  `{"tenantId":29302,"type":"invoice.updated","entityId":"3817","time":"2017-12-28T14:59:16.500+01:00",
    "id":"inv-3817-v12","version":12,"state":"booked","actor":"user 7","attributes":{"projectId":9007199254740993},
    "data":{"id":3817,"total":12345678901234567.89,"customer":{"id":20250206211528366,"name":"Þórðr 株式会社 😀"}},
    "changed":[{"total":12345678901234567.89}]}`,
)
const minimal = sampleEvent(
  `{"tenantId":29302,"type":"order-line.deleted","keys":[{"OrderNo":3},{"LineNo":1}],
    "time":"2017-12-28T13:59:16Z","id":"line-3-1"}`,
  { position: 42 },
)
const second = sampleDelivery(minimal, { deliveryId: 'dlv_0sample2z', offset: '1AbCdEf0024', sequence: 42 })

describeDialect(standardDialect.webhook, {
  name: 'standard',
  folder: new URL('./goldens/', import.meta.url),
  cases: [
    { name: 'updated', deliveries: [sampleDelivery(updated)], context },
    { name: 'composite-key', deliveries: [second], context },
    { name: 'test-delivery', deliveries: [sampleDelivery(updated, { sequence: null })], context },
    {
      name: 'fields',
      deliveries: [sampleDelivery(updated)],
      context: { ...context, subscription: { ...subscription, fields: 'total,customer(name)' } },
    },
    {
      name: 'batch',
      deliveries: [sampleDelivery(updated), second],
      context: { ...context, subscription: { ...subscription, batch: { maxEvents: 10, maxWaitMs: 100 } } },
    },
    { name: 'rotation', deliveries: [second], context: { ...context, secrets: [asymmetric, current, former] } },
    { name: 'unsigned', deliveries: [second], context: { ...context, secrets: [] } },
  ],
  subscription,
  delivery: (entity) =>
    sampleDelivery(sampleEvent(`{"tenantId":1,"type":"invoice.updated","entityId":"1","id":"1","data":${entity}}`)),
  idOf: ({ headers }) => new Headers(headers.map(([name, value]) => [name, value])).get('webhook-id') ?? undefined,
  signing: { secrets: [asymmetric, current, former], verify },
  policy: {
    isDelivered: (status) => status >= 200 && status < 300,
    disablesOnGone: true,
    retryDelaysSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
    longestDelay: 1.1,
    afterLastAttempt: 'keep',
    disableAfterFailingMs: 432_000_000,
  },
})

function verify(request: EncodedRequest, { algorithm, secret }: LiveSecret): boolean {
  const headers = Object.fromEntries(request.headers)
  const raw = Buffer.from(request.body!, 'utf8')
  if (algorithm === 'hmac-sha256') {
    new standardWebhooks.Webhook(secret).verify(raw, headers)
    new svix.Webhook(secret).verify(raw, headers)
    return true
  }
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${raw.toString('utf8')}`
  const signature = /(?:^| )v1a,(\S+)/.exec(headers['webhook-signature']!)?.[1]
  if (signature === undefined) return false
  const key = readEd25519PublicKey(keys.publicKey)!
  return verifyEd25519(null, Buffer.from(signed), key, Buffer.from(signature, 'base64'))
}

test('a batch of one is an array too', () => {
  const batched = { ...subscription, batch: { maxEvents: 10, maxWaitMs: 100 } }
  const { body } = standardDialect.webhook.encode([second], { ...context, subscription: batched })
  expect(JSON.parse(body!)).toHaveLength(1)
})

test('no delivery is dropped when a subscription gives up batching with a batch under way', () => {
  const { body } = standardDialect.webhook.encode([sampleDelivery(updated), second], context)
  expect(JSON.parse(body!)).toHaveLength(2)
})

test("a subscription's own delays are kept to exactly", () => {
  const policy = standardDialect.webhook.policyOf!({ ...subscription, retryDelaysSeconds: [1, 2] })
  expect(policy).toEqual({ ...standardDialect.webhook.policy, retryDelaysSeconds: [1, 2], jitter: 0 })
  expect(standardDialect.webhook.policyOf!(subscription)).toBe(standardDialect.webhook.policy)
})
