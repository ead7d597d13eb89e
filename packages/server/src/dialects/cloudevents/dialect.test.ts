import { type CloudEvent, HTTP } from 'cloudevents'
import * as standardWebhooks from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import type { DeliveryInput, EncodeContext, EncodedRequest, LiveSecret } from '../../core/dialect/dialect.ts'
import { makeHmacSecret } from '../../core/dialect/signature-secret.ts'
import { describeDialect } from '../conformance.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../samples.ts'
import { cloudEventsDialect } from './dialect.ts'
import { cloudEventText } from './event-text.ts'
import { cloudEventsModes } from './settings.ts'

const current: LiveSecret = { algorithm: 'hmac-sha256', secret: makeHmacSecret(new Uint8Array(32).fill(1)) }
const former: LiveSecret = { algorithm: 'hmac-sha256', secret: makeHmacSecret(new Uint8Array(32).fill(2)) }

const subscriptionIn = (mode: string, origin?: string) =>
  sampleSubscription('cloudevents', { settings: origin === undefined ? { mode } : { mode, origin } })
const contextIn = (mode: string, origin?: string): EncodeContext => ({
  subscription: subscriptionIn(mode, origin),
  secrets: [current],
  nowMs: 1_514_469_556_500,
})

const updated = sampleDelivery(
  sampleEvent(
    `{"tenantId":29302,"type":"invoice.updated","entityId":"Nº 3817 \\"a\\" 100% 😀","time":"2017-12-28T14:59:16.500+01:00",
      "id":"inv-3817-v12","version":12,"state":"booked","actor":"user 7","attributes":{"projectId":9007199254740993},
      "data":{"id":3817,"total":12345678901234567.89,"customer":{"id":20250206211528366,"name":"Þórðr 株式会社 😀"}},
      "changed":[{"total":12345678901234567.89}]}`,
  ),
)
const minimal = sampleDelivery(
  sampleEvent(
    `{"tenantId":29302,"type":"order-line.deleted","keys":[{"OrderNo":3},{"LineNo":1}],
      "time":"2017-12-28T13:59:16Z","id":"line-3-1"}`,
    { position: 42 },
  ),
  { deliveryId: 'dlv_0sample2z', offset: '1AbCdEf0024', sequence: 42 },
)

const goldenCases = {
  binary: [
    { name: 'binary', deliveries: [updated], context: contextIn('binary') },
    { name: 'binary-minimal', deliveries: [minimal], context: contextIn('binary', 'hooks.example.com') },
  ],
  structured: [
    { name: 'structured', deliveries: [updated], context: contextIn('structured') },
    { name: 'structured-test', deliveries: [{ ...minimal, sequence: null }], context: contextIn('structured') },
  ],
  batched: [{ name: 'batched', deliveries: [updated, minimal], context: contextIn('batched') }],
} as const

describe.each(cloudEventsModes)('%s', (mode) => {
  describeDialect(cloudEventsDialect.webhook, {
    name: 'cloudevents',
    folder: new URL('./goldens/', import.meta.url),
    cases: goldenCases[mode],
    subscription: subscriptionIn(mode),
    delivery: (entity) =>
      sampleDelivery(sampleEvent(`{"tenantId":1,"type":"invoice.updated","entityId":"1","id":"1","data":${entity}}`)),
    idOf: (request) => headersOf(request)['webhook-id'],
    signing: {
      secrets: [current, former],
      verify: (request, { secret }) => new standardWebhooks.Webhook(secret).verify(request.body!, headersOf(request)),
    },
    policy: {
      isDelivered: (status) => status >= 200 && status < 300,
      disablesOnGone: true,
      retryDelaysSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
      longestDelay: 1.1,
      afterLastAttempt: 'keep',
      disableAfterFailingMs: 432_000_000,
    },
  })

  test('the SDK reads the events, and finds them valid', () => {
    const [full, short] = [received([updated], mode)[0]!, received([minimal], mode)[0]!]
    expect(full.validate()).toBe(true)
    expect(full).toMatchObject({
      specversion: '1.0',
      id: 'inv-3817-v12',
      source: '/tenants/29302',
      type: 'invoice.updated',
      datacontenttype: 'application/json',
      tenantid: '29302',
      topic: 'invoices',
      offset: '1AbCdEf0023',
      sequence: '0000000000000041',
    })
    // Of binary events the SDK leaves the header values encoded; one round of decoding is the reader's.
    const subject = mode === 'binary' ? decodeURIComponent(full.subject!) : full.subject
    expect(subject).toBe('Nº 3817 "a" 100% 😀')
    expect(Date.parse(full.time!)).toBe(Date.parse('2017-12-28T14:59:16.500+01:00'))
    expect(full.data).toMatchObject({
      entityId: 'Nº 3817 "a" 100% 😀',
      version: 12,
      state: 'booked',
      actor: 'user 7',
      data: { customer: { name: 'Þórðr 株式会社 😀' } },
    })
    expect(short.validate()).toBe(true)
    expect(decodeURIComponent(short.subject!)).toBe('[{"OrderNo":3},{"LineNo":1}]')
    expect(short.data).toEqual({ keys: [{ OrderNo: 3 }, { LineNo: 1 }] })
  })

  test('a test delivery has no sequence', () => {
    expect(received([{ ...updated, sequence: null }], mode)[0]).not.toHaveProperty('sequence')
  })

  test('a key that CloudEvents does not allow as a subject stays in the data alone', () => {
    const event = sampleEvent('{"tenantId":1,"type":"a.b","entityId":"x\\ty","id":"1"}')
    const [read] = received([sampleDelivery(event)], mode)
    expect(read!.subject).toBeUndefined()
    expect(read!.data).toEqual({ entityId: 'x\ty' })
  })

  test('`fields` shapes the entity, and an event without one has none', () => {
    const subscription = { ...subscriptionIn(mode), fields: 'customer(id)' }
    const body = (delivery: DeliveryInput) =>
      cloudEventsDialect.webhook.encode([delivery], { ...contextIn(mode), subscription }).body
    expect(body(updated)).toContain('"data":{"customer":{"id":20250206211528366}},"changed"')
    expect(body(minimal)).not.toContain('customer')
  })

  test('several deliveries go as one batch, in order', () => {
    expect(received([updated, minimal], mode).map(({ id }) => id)).toEqual(['inv-3817-v12', 'line-3-1'])
  })
})

test('names are as CloudEvents allows, and sort nowhere twice', () => {
  const names = Object.keys(JSON.parse(cloudEventText(updated.event, updated)))
  for (const name of names) expect(name).toMatch(/^[a-z0-9]{1,20}$/)
})

test('the reading side gives the same event, without a sequence', () => {
  const text = cloudEventText(updated.event, { offset: updated.offset })
  const { body } = cloudEventsDialect.webhook.encode([{ ...updated, sequence: null }], contextIn('structured'))
  expect(text).toBe(body)
})

function headersOf({ headers }: EncodedRequest): Record<string, string> {
  return Object.fromEntries(headers)
}

function received(deliveries: readonly [DeliveryInput, ...DeliveryInput[]], mode: string): CloudEvent<unknown>[] {
  const request = cloudEventsDialect.webhook.encode(deliveries, contextIn(mode))
  const read = HTTP.toEvent({ headers: headersOf(request), body: request.body! })
  return Array.isArray(read) ? (read as CloudEvent<unknown>[]) : [read as CloudEvent<unknown>]
}
