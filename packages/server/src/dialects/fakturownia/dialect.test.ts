import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import type { EncodeContext } from '../../core/dialect/dialect.ts'
import { eventFields } from '../../core/event/event-fields.ts'
import { describeDialect } from '../conformance.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../samples.ts'
import { fakturowniaDialect } from './dialect.ts'

const webhook = fakturowniaDialect.webhook
const subscription = sampleSubscription('fakturownia')
const context: EncodeContext = { subscription, secrets: [], nowMs: 1_658_836_800_000 }

function delivered(type: string, name: string, data: string | null, entityId = '111') {
  const member = data === null ? '' : `,"data":${data}`
  const event = sampleEvent(
    `{"tenantId":7,"type":"${type}","entityId":${JSON.stringify(entityId)},"time":"2022-07-26T12:00:00Z","id":"e1"${member}}`,
  )
  return sampleDelivery(event, { name, entity: eventFields(event).data })
}

/** The vendor's example, without insignificant white space. */
function example(name: string): string {
  const text = readFileSync(new URL(`./fixtures/fakturownia-${name}.json`, import.meta.url), 'utf8')
  return JSON.stringify(JSON.parse(text))
}

function without(text: string, ...keys: string[]): string {
  return JSON.stringify(
    JSON.parse(text, function (key, value) {
      if (!keys.includes(key)) return value
      // The client within an invoice has no id from which the server could know it.
      return 'invoice_no' in this || 'buyer' in this || 'category_name' in this ? undefined : value
    }),
  )
}

const token = { algorithm: 'hmac-sha256', secret: 'receiver "token" ž' } as const
const invoice = JSON.stringify(JSON.parse(example('invoice')).deal)

describeDialect(webhook, {
  name: 'fakturownia',
  folder: new URL('./goldens/', import.meta.url),
  cases: [
    { name: 'invoice', deliveries: [delivered('invoice.created', 'invoice:create', invoice)], context },
    {
      name: 'client-with-token',
      deliveries: [delivered('customer.updated', 'client:update', '{"id":111,"name":"Edward"}')],
      context: { ...context, secrets: [token], operatorSettings: { appName: 'myapp', locales: { 7: 'en' } } },
    },
    { name: 'product-deleted', deliveries: [delivered('product.deleted', 'product:destroy', null)], context },
    { name: 'invoice-deleted', deliveries: [delivered('invoice.deleted', 'invoice:destroy', null)], context },
    {
      name: 'get',
      deliveries: [delivered('invoice.created', 'invoice:create', invoice)],
      context: {
        ...context,
        secrets: [token],
        subscription: sampleSubscription('fakturownia', {
          settings: { method: 'GET' },
          endpoint: { ...subscription.endpoint, url: 'https://example.com/hook?shop=1&q=a%20b' },
        }),
      },
    },
  ],
  subscription,
  delivery: (entity) => delivered('customer.updated', 'client:update', entity),
  idOf: ({ headers }) => Object.fromEntries(headers)['idempotency-key'],
  signing: null,
  policy: {
    isDelivered: (status) => status >= 200 && status < 300,
    disablesOnGone: false,
    retryDelaysSeconds: [
      6, 21, 86, 261, 630, 1_301, 2_406, 4_101, 6_566, 10_005, 14_646, 20_741, 28_566, 38_421, 50_630, 65_541, 83_526,
      104_981, 130_326, 160_005, 194_486, 234_261, 279_846, 331_781,
    ],
    longestDelay: 1,
    afterLastAttempt: 'disable',
    disableAfterFailingMs: null,
  },
})

describe("the vendor's examples, to the letter", () => {
  test.each([
    ['invoice', 'invoice.created', 'invoice:create', 'deal'],
    ['client', 'customer.created', 'client:create', 'client'],
    ['product', 'product.created', 'product:create', 'product'],
  ])('%s', (name, type, kind, member) => {
    const expected = example(name)
    const data = JSON.stringify(JSON.parse(expected)[member])
    expect(webhook.encode([delivered(type, kind, data)], context).body).toBe(expected)
    const bare = without(data, 'external_ids', 'skip_webhooks')
    expect(bare).not.toBe(data)
    expect(webhook.encode([delivered(type, kind, bare)], context).body).toBe(expected)
  })
})

describe('what is added', () => {
  const bodyOf = (type: string, kind: string, data: string | null, entityId?: string) =>
    webhook.encode([delivered(type, kind, data, entityId)], context).body!

  test("what `data` says itself stays, with the application's own ids", () => {
    const data = '{"skip_webhooks":false,"name":"x","external_ids":{"shop":"9"}}'
    expect(bodyOf('product.updated', 'product:update', data)).toContain(`{"product":${data},`)
  })

  test('a key that is spelled with escapes is there too', () => {
    const data = '{"external\\u005fids":{},"skip_webhook\\u0073":1}'
    expect(bodyOf('product.updated', 'product:update', data)).toContain(`{"product":${data},`)
  })

  test('the client of an invoice has its own id, where that is known', () => {
    const deal = (data: string) => JSON.parse(bodyOf('invoice.updated', 'invoice:update', data)).deal
    expect(deal('{"client_id":5,"client":{"name":"E"}}').client).toEqual({
      name: 'E',
      skip_webhooks: true,
      external_ids: { fakturownia: 5 },
    })
    expect(deal('{"client":{"id":6}}').client.external_ids).toEqual({ fakturownia: 6 })
    expect(deal('{"client":{"name":"E"}}').client).toEqual({ name: 'E', skip_webhooks: true })
    expect(deal('{"client":null}').client).toBeNull()
  })

  test('money and large numbers keep every digit, and an id that is no integer is a text', () => {
    const body = bodyOf('product.updated', 'product:update', '{"price_net":"12.30","n":12345678901234567.890}', 'P-1')
    expect(body).toContain('"price_net":"12.30","n":12345678901234567.890,"external_ids":{"fakturownia":"P-1"}')
    expect(bodyOf('invoice.updated', 'invoice:update', '{}', '9007199254740993')).toContain('{"id":9007199254740993,')
    expect(bodyOf('invoice.updated', 'invoice:update', '{}', '007')).toContain('{"id":"007",')
  })
})

test('natively chosen fields of the entity, and natively chosen delays', () => {
  const chosen = sampleSubscription('fakturownia', { fields: 'name', retryDelaysSeconds: [1] })
  const delivery = delivered('product.updated', 'product:update', '{"id":1,"name":"x","code":"y"}')
  const { body } = webhook.encode([delivery], { ...context, subscription: chosen })
  expect(JSON.parse(body!).product).toEqual({ name: 'x', external_ids: { fakturownia: 111 }, skip_webhooks: true })
  expect(webhook.policyOf?.(chosen).retryDelaysSeconds).toEqual([1])
})

test('the nine kinds of the catalogue are the nine of the contract, and each of them has a body', () => {
  const catalogue = builtinCatalogue()
  const kinds = ['client', 'invoice', 'product'].flatMap((entity) =>
    ['create', 'destroy', 'update'].map((action) => `${entity}:${action}`),
  )
  expect([...catalogue.names('fakturownia')].sort()).toEqual(kinds)
  for (const kind of kinds) {
    const { body } = webhook.encode([delivered('invoice.created', kind, '{"a":1}')], context)
    expect(Object.keys(JSON.parse(body!))).toEqual(
      kind.startsWith('invoice')
        ? ['id', 'deal', 'app_name', 'api_token', 'locale']
        : [kind.split(':')[0], 'app_name', 'api_token', 'locale'],
    )
  }
})
