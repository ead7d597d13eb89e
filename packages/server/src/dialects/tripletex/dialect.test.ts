import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { EncodeContext, EncodedRequest, LiveSecret } from '../../core/dialect/dialect.ts'
import { describeDialect } from '../conformance.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../samples.ts'
import { tripletexDialect } from './dialect.ts'

const secret: LiveSecret = { algorithm: 'hmac-sha256', secret: 'a shared sëcret' }
const subscription = sampleSubscription('tripletex', { number: 17, types: ['order.updated'] })
const context: EncodeContext = { subscription, secrets: [secret], nowMs: 1_514_469_556_500 }

const entity = `{"version":12,"id":3817,"url":"example.com/v2/order/3817","number":"1003",
  "customer":{"name":"Þórðr 株式会社 😀","id":20250206211528366,"url":"example.com/v2/customer/20250206211528366"},
  "orderLines":[{"id":1,"url":"example.com/v2/order/orderline/1","count":12345678901234567.89,
    "product":{"id":5,"url":"example.com/v2/product/5","number":"P-5","price":1.10}}],"project":null}`
const details = { payloadModel: 'Order' }

/** As the server gives it: the entity apart from the event. */
function deliveryOf(event: string, name: string, data: string | null, more: object = {}) {
  return sampleDelivery(sampleEvent(event), { name, entity: data === null ? null : compact(data), details, ...more })
}

/** Without the white space between tokens, digits untouched. */
function compact(text: string): string {
  return text.replace(/\n\s*/g, '')
}

const updated = deliveryOf(
  '{"tenantId":29302,"type":"order.updated","entityId":"3817","id":"o-12"}',
  'order.update',
  entity,
)
const withFields = (fields: string) => ({ ...context, subscription: { ...subscription, fields } })

describeDialect(tripletexDialect.webhook, {
  name: 'tripletex',
  folder: new URL('./goldens/', import.meta.url),
  cases: [
    { name: 'updated', deliveries: [updated], context },
    { name: 'star', deliveries: [updated], context: withFields('*') },
    {
      name: 'nested',
      deliveries: [updated],
      context: withFields('id, version, orderLines ( count , product(number) )'),
    },
    { name: 'whole-reference', deliveries: [updated], context: withFields('customer(),project(*)') },
    {
      name: 'deleted',
      deliveries: [
        deliveryOf(
          '{"tenantId":29302,"type":"order.deleted","entityId":"12345678901234567890","id":"o-13"}',
          'order.delete',
          '{"id":1}',
        ),
      ],
      context: { ...context, secrets: [] },
    },
    {
      name: 'text-id',
      deliveries: [
        deliveryOf('{"tenantId":1,"type":"order.updated","entityId":"ORD-\\"7","id":"o-14"}', 'order.update', null),
      ],
      context: { ...context, secrets: [] },
    },
  ],
  subscription,
  delivery: (data) =>
    deliveryOf('{"tenantId":1,"type":"order.updated","entityId":"1","id":"1"}', 'order.update', data, { details: {} }),
  idOf: ({ headers }) => Object.fromEntries(headers)['idempotency-key'],
  signing: { secrets: [secret], verify },
  policy: {
    isDelivered: (status) => status >= 200 && status < 300,
    disablesOnGone: false,
    retryDelaysSeconds: [60, 300, 900, 3_600, 7_200, 14_400, 28_800, 52_740],
    longestDelay: 1.1,
    afterLastAttempt: 'keep',
    disableAfterFailingMs: 604_800_000,
  },
})

function verify(request: EncodedRequest, { secret: text }: LiveSecret): boolean {
  const headers = Object.fromEntries(request.headers)
  const signed = `${headers['idempotency-key']}&${request.body}`
  return headers['x-request-signature'] === createHmac('sha512', text).update(signed).digest('base64')
}

test('the last retry of a delivery is 30 hours after its first attempt', () => {
  const { retryDelaysSeconds } = tripletexDialect.webhook.policy
  expect(retryDelaysSeconds.reduce((sum, delay) => sum + delay, 0)).toBe(30 * 3_600)
  expect([...retryDelaysSeconds].sort((a, b) => a - b)).toEqual(retryDelaysSeconds)
})

test.each([
  ['0', '0'],
  ['-5', '-5'],
  ['9223372036854775808', '9223372036854775808'],
  ['007', '"007"'],
  ['-0', '"-0"'],
  ['1.0', '"1.0"'],
  ['1e3', '"1e3"'],
  [' 1', '" 1"'],
])('the entity id %s is written as %s', (entityId, written) => {
  const event = JSON.stringify({ tenantId: 1, type: 'order.updated', entityId, id: 'x' })
  const { body } = tripletexDialect.webhook.encode([deliveryOf(event, 'order.update', null)], context)
  expect(body).toBe(`{"subscriptionId":17,"event":"order.update","id":${written},"value":null}`)
})

test('during a rotation the current secret signs', () => {
  const former: LiveSecret = { algorithm: 'hmac-sha256', secret: 'the one before' }
  const request = tripletexDialect.webhook.encode([updated], { ...context, secrets: [secret, former] })
  expect(verify(request, secret)).toBe(true)
  expect(verify(request, former)).toBe(false)
})
