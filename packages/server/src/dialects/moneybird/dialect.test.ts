import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { EncodeContext, EncodedRequest, LiveSecret } from '../../core/dialect/dialect.ts'
import { describeDialect } from '../conformance.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../samples.ts'
import { moneybirdDialect } from './dialect.ts'

const current: LiveSecret = { algorithm: 'hmac-sha256', secret: '1f'.repeat(32) }
const former: LiveSecret = { algorithm: 'hmac-sha256', secret: '2e'.repeat(32) }

const subscription = sampleSubscription('moneybird', {
  number: 42,
  settings: { token: 'hPCNhskk1PwGC1pyJZMZmKNT', enabledEvents: ['sales_invoice'] },
})
const context: EncodeContext = { subscription, secrets: [current], nowMs: 1_514_469_556_500 }
const salesInvoice = {
  name: 'sales_invoice_updated',
  details: { entityType: 'SalesInvoice', groups: ['sales_invoice'] },
}

const updated = sampleDelivery(
  sampleEvent(
    `{"tenantId":29302,"type":"invoice.updated","entityId":"3817","time":"2017-12-28T14:59:16.500+01:00","id":"1",
      "state":"open","data":{"id":"3817","state":"draft"}}`,
  ),
  { ...salesInvoice, entity: '{"id":"3817","state":"late","total":12345678901234567.89,"name":"Þórðr 株式会社 😀"}' },
)
const destroyed = sampleDelivery(
  sampleEvent(
    '{"tenantId":29302,"type":"invoice.deleted","entityId":"3817","id":"2","data":{"id":"3817","state":"draft"}}',
  ),
  { ...salesInvoice, name: 'sales_invoice_destroyed', entity: '{"id":"3817","state":"draft"}' },
)
const composite = sampleDelivery(
  sampleEvent('{"tenantId":29302,"type":"order-line.updated","keys":[{"OrderNo":3},{"LineNo":1}],"id":"3"}'),
  { name: 'order_line_updated' },
)

describeDialect(moneybirdDialect.webhook, {
  name: 'moneybird',
  folder: new URL('./goldens/', import.meta.url),
  cases: [
    { name: 'updated', deliveries: [updated], context },
    { name: 'destroyed', deliveries: [destroyed], context },
    { name: 'composite-key', deliveries: [composite], context: { ...context, secrets: [] } },
    { name: 'rotation', deliveries: [destroyed], context: { ...context, secrets: [current, former] } },
    {
      name: 'fields',
      deliveries: [updated],
      context: { ...context, subscription: { ...subscription, fields: 'id,total' } },
    },
    {
      name: 'imported',
      deliveries: [destroyed],
      context: {
        ...context,
        subscription: { ...subscription, settings: { ...subscription.settings, webhookId: '116010948233266179' } },
      },
    },
  ],
  subscription,
  delivery: (entity) =>
    sampleDelivery(sampleEvent(`{"tenantId":1,"type":"invoice.updated","entityId":"1","id":"1","data":${entity}}`), {
      ...salesInvoice,
      entity,
    }),
  idOf: (request) => headersOf(request)['Idempotency-Key'],
  signing: { secrets: [current, former], verify },
  policy: {
    isDelivered: (status) => status === 200,
    disablesOnGone: false,
    retryDelaysSeconds: [15, 16, 31, 96, 271, 640, 1_311, 2_416, 4_111, 6_576],
    longestDelay: 1.1,
    afterLastAttempt: 'keep',
    disableAfterFailingMs: null,
  },
})

/** As a receiver does it: the header taken apart, the HMAC made anew over the raw bytes. */
function verify(request: EncodedRequest, { secret }: LiveSecret): boolean {
  const parts = headersOf(request)
    ['Moneybird-Signature']!.split(',')
    .map((part) => part.split('='))
  const t = parts.find(([name]) => name === 't')![1]!
  const expected = createHmac('sha256', secret).update(`${t}.`).update(Buffer.from(request.body!)).digest('hex')
  return parts.some(([name, value]) => name === 'v1' && value === expected)
}

function headersOf({ headers }: EncodedRequest): Record<string, string> {
  return Object.fromEntries(headers)
}

test('the example of the contract, to the letter', () => {
  const text = readFileSync(new URL('./fixtures/sales-invoice-late.json', import.meta.url), 'utf8')
  const example = text
    .replace(/\n\s*/g, '')
    .replaceAll(/(":|,|\{) (?=["{])/g, '$1')
    .replace(' }', '}')
  const event = sampleEvent(
    `{"tenantId":116015326147118082,"type":"invoice.state-changed-to-late","entityId":"116015245643744263","id":"1",
      "data":{"id":"116015245643744263","state":"late"}}`,
  )
  const { body } = moneybirdDialect.webhook.encode(
    [
      sampleDelivery(event, {
        name: 'sales_invoice_state_changed_to_late',
        details: { ...salesInvoice.details, state: 'late' },
        entity: '{"id":"116015245643744263","state":"late"}',
      }),
    ],
    {
      ...context,
      subscription: { ...subscription, settings: { ...subscription.settings, webhookId: '116010948233266179' } },
    },
  )
  expect(body).toBe(example)
})

describe('the state', () => {
  const stateOf = (event: string, details: object = {}, entity: string | null = null): unknown => {
    const delivery = sampleDelivery(sampleEvent(event), { ...salesInvoice, details: { ...details }, entity })
    return JSON.parse(moneybirdDialect.webhook.encode([delivery], context).body!).state
  }
  const event = (more: string) => `{"tenantId":1,"type":"invoice.updated","entityId":"1","id":"1"${more}}`

  test('is the one that was published with the event', () => {
    expect(stateOf(event(',"state":"open","data":{"state":"draft"}'), { state: 'late' })).toBe('open')
  })
  test('else the one that the event is named after', () => {
    expect(stateOf(event(',"data":{"state":"draft"}'), { state: 'late' })).toBe('late')
  })
  test('else the one that the entity had then, never the one it has now', () => {
    expect(stateOf(event(',"data":{"state":"draft"}'), {}, '{"state":"late"}')).toBe('draft')
  })
  test('else null', () => {
    expect(stateOf(event(''), {}, '{"state":"late"}')).toBe(null)
    expect(stateOf(event(',"data":{"state":7}'))).toBe(null)
  })
})

test('the retries take 4.3 hours in all', () => {
  const { retryDelaysSeconds } = moneybirdDialect.webhook.policy
  expect(retryDelaysSeconds.reduce((sum, seconds) => sum + seconds, 0) / 3_600).toBeCloseTo(4.3, 2)
})
