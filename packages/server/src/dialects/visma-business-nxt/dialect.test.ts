import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import type { DeliveryInput, EncodeContext, EncodedRequest, LiveSecret } from '../../core/dialect/dialect.ts'
import { describeDialect } from '../conformance.ts'
import { sampleDelivery, sampleEvent, sampleSubscription } from '../samples.ts'
import { nxtDialect } from './dialect.ts'
import { delaysOf, type RetryPolicy } from './policy.ts'
import { checkNxtSettings } from './settings.ts'

const webhook = nxtDialect.webhook
const subscription = sampleSubscription('visma-business-nxt')
const current: LiveSecret = { algorithm: 'hmac-sha256', secret: 'current-key-0123456789-ÆØÅ' }
const former: LiveSecret = { algorithm: 'hmac-sha256', secret: 'former-key-0123456789' }
const context: EncodeContext = { subscription, secrets: [current], nowMs: 1_738_876_531_002 }

const company = { tenantId: 5199768, parentTenantId: 4801958 }

function delivered(event: string, name: string, with_: Partial<DeliveryInput> = {}) {
  const place = { appendedAtMs: 1_738_876_528_397 }
  return sampleDelivery(sampleEvent(event, place), { name, parentTenantId: company.parentTenantId, ...with_ })
}

/** The vendor's example, without insignificant white space and without reading a number. */
const example = readFileSync(new URL('./fixtures/visma-business-nxt-order-line.json', import.meta.url), 'utf8').replace(
  /("(?:[^"\\]|\\.)*")|\s+/g,
  '$1',
)
const published = `{"tenantId":5199768,"type":"order-line.created","keys":[{"OrderNo":3},{"LineNo":1}],"id":"e1",
  "time":"2025-02-06T22:15:28.3971469+01:00","actor":"ola.normann","changed":[{"Description":"Hello webhook"},
  {"ChangedDate":20250206},{"ChangedTime":2215},{"ChangedByUser":"ola.normann"},{"ChangeTimeInMs":80128366},
  {"ChangedTimestamp":20250206211528366}]}`
const orderLine = delivered(published, 'OrderLine INSERT')
const deleted = delivered(
  '{"tenantId":5199768,"type":"order-line.deleted","keys":[{"OrderNo":3},{"LineNo":1}],"id":"e2","time":"2025-02-06T21:15:28Z","actor":"a \\"b\\"","changed":[{"Text":"gone"}]}',
  'OrderLine DELETE',
)

describeDialect(webhook, {
  name: 'visma-business-nxt',
  folder: new URL('./goldens/', import.meta.url),
  cases: [
    { name: 'insert', deliveries: [orderLine], context },
    { name: 'delete', deliveries: [deleted], context },
    {
      name: 'customer-level',
      deliveries: [
        delivered(
          '{"tenantId":4801958,"type":"company.updated","entityId":"5199768","id":"e3","time":"2025-02-06T21:15:28.39714691Z"}',
          'Company UPDATE',
          {
            parentTenantId: null,
            details: { level: 'customer' },
          },
        ),
      ],
      context,
    },
    {
      name: 'no-customer',
      deliveries: [
        delivered(
          '{"tenantId":5199768,"type":"product.updated","entityId":"1001","id":"e4","time":"2025-02-06T21:15:28.3Z"}',
          'Product UPDATE',
          {
            parentTenantId: null,
            details: { keyColumn: 'ProductNo', keyIsText: true },
          },
        ),
      ],
      context: { ...context, secrets: [] },
    },
  ],
  subscription,
  delivery: (entity) => {
    const columns = Object.entries(members(entity)).map(([name, text]) => `{${name}:${text}}`)
    return delivered(
      `{"tenantId":1,"type":"product.updated","entityId":"1","id":"1","changed":[${columns.join()}]}`,
      'Product UPDATE',
    )
  },
  idOf: ({ headers }) => Object.fromEntries(headers)['x-vwd-notification-id'],
  signing: { secrets: [current], verify },
  policy: {
    isDelivered: (status) => status >= 200 && status < 300,
    disablesOnGone: false,
    retryDelaysSeconds: [30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360],
    longestDelay: 1,
    afterLastAttempt: 'keep',
    disableAfterFailingMs: null,
  },
})

/** The members of a flat object as they are written. */
function members(text: string): Record<string, string> {
  const pattern = /("(?:[^"\\]|\\.)*"):("(?:[^"\\]|\\.)*"|[^,}]+)/g
  return Object.fromEntries([...text.matchAll(pattern)].map((match) => [match[1]!, match[2]!]))
}

function verify({ headers, body }: EncodedRequest, { secret }: LiveSecret): boolean {
  const given = Object.fromEntries(headers)['x-vwd-signature-v1']
  return given === createHmac('sha256', Buffer.from(secret, 'utf8')).update(Buffer.from(body!, 'utf8')).digest('base64')
}

const bodyOf = (delivery: DeliveryInput) => webhook.encode([delivery], context).body!

test("the vendor's example, to the letter", () => {
  expect(bodyOf(orderLine)).toBe(example)
  expect(example).toContain('{"ChangedTimestamp":20250206211528366}')
})

describe('the body', () => {
  test('64-bit integers and decimals come out digit for digit, in keys too', () => {
    const text =
      '{"tenantId":1,"type":"order.updated","keys":[{"No":-9223372036854775808},{"Code":"A"}],"id":"1","changed":[{"Max":9223372036854775807},{"Amount":12345678901234567.8900},{"Rate":1.10},{"Picture":20480}]}'
    const body = bodyOf(delivered(text, 'Order UPDATE'))
    expect(body).toContain('"primaryKeys":[{"No":-9223372036854775808},{"Code":"A"}]')
    expect(body).toContain(
      '"changedColumns":[{"Max":9223372036854775807},{"Amount":12345678901234567.8900},{"Rate":1.10},{"Picture":20480}]',
    )
  })

  test('a deletion has no changed columns, others always have some list', () => {
    expect(bodyOf(deleted)).not.toContain('changedColumns')
    const plain = '{"tenantId":1,"type":"order.updated","keys":[{"OrderNo":1}],"id":"1"}'
    expect(bodyOf(delivered(plain, 'Order UPDATE'))).toMatch(/"changedByUser":"","changedColumns":\[\]}$/)
  })

  test.each([
    ['2025-02-06T21:15:28Z', '2025-02-06T21:15:28.0000000Z'],
    ['2025-02-06T21:15:28.39714699Z', '2025-02-06T21:15:28.3971469Z'],
    ['2025-02-06t23:45:28.5+02:30', '2025-02-06T21:15:28.5000000Z'],
    ['2024-12-31T23:59:60Z', '2025-01-01T00:00:00.0000000Z'],
  ])('the time %s', (time, expected) => {
    const text = `{"tenantId":1,"type":"order.updated","keys":[{"OrderNo":1}],"id":"1","time":"${time}"}`
    expect(JSON.parse(bodyOf(delivered(text, 'Order UPDATE'))).timestamp).toBe(expected)
  })

  test.each([
    ['a company and its customer', { parentTenantId: 5 }, [5, 7]],
    ['a company without a customer', { parentTenantId: null }, [0, 7]],
    ['a customer: other companies stand below it', { parentTenantId: null, hasChildTenants: true }, [7, 0]],
    ['a customer of a partner', { parentTenantId: 5, hasChildTenants: true }, [7, 0]],
    [
      "a customer's table, published for the customer",
      { parentTenantId: null, details: { level: 'customer' } },
      [7, 0],
    ],
    ["a customer's table, published for a company", { parentTenantId: 5, details: { level: 'customer' } }, [5, 0]],
  ])('%s', (_name, with_, [customerNo, companyNo]: number[]) => {
    const delivery = delivered(
      '{"tenantId":7,"type":"order.updated","keys":[{"OrderNo":1}],"id":"1"}',
      'Order UPDATE',
      with_,
    )
    expect(JSON.parse(bodyOf(delivery))).toMatchObject({ customerNo, companyNo })
  })

  test.each([
    ['17', {}, '[{"OrderNo":17}]'],
    ['9223372036854775807', {}, '[{"OrderNo":9223372036854775807}]'],
    ['9223372036854775808', {}, '[{"OrderNo":"9223372036854775808"}]'],
    ['007', {}, '[{"OrderNo":"007"}]'],
    ['A-1', {}, '[{"OrderNo":"A-1"}]'],
    ['17', { keyColumn: 'No', keyIsText: true }, '[{"No":"17"}]'],
  ])('an entity id %s is the only key', (entityId, details, expected) => {
    const text = `{"tenantId":7,"type":"order.updated","entityId":"${entityId}","id":"1"}`
    expect(bodyOf(delivered(text, 'Order UPDATE', { details }))).toContain(`"primaryKeys":${expected}`)
  })
})

test('the headers, all lower case, with the times of the notification and of the dispatch', () => {
  const { headers } = webhook.encode([orderLine], context)
  expect(headers.map(([name]) => name)).toEqual([
    'x-vwd-signature-v1',
    'x-vwd-notification-id',
    'x-vwd-notification-timestamp',
    'x-vwd-webhook-timestamp',
    'x-vwd-event-id',
    'x-vwd-application-id',
    'x-vwd-application-version',
    'x-vwd-subscription-id',
    'x-vwd-tenant-id',
    'x-vwd-group-id',
    'content-type',
  ])
  const later = webhook.encode([{ ...orderLine, attempt: 2 }], { ...context, nowMs: context.nowMs + 30_000 })
  const [before, after] = [headers, later.headers].map((all) => Object.fromEntries(all))
  expect(after!['x-vwd-webhook-timestamp']).toBe('1738876561002')
  expect({ ...after, 'x-vwd-webhook-timestamp': '' }).toEqual({ ...before, 'x-vwd-webhook-timestamp': '' })
})

test('in an overlap the former key signs first, and the keys take turns', () => {
  const during = { ...context, secrets: [current, former] }
  const signers = [1, 2, 3, 4].map((attempt) => {
    const request = webhook.encode([{ ...orderLine, attempt }], during)
    return [current, former].filter((secret) => verify(request, secret))
  })
  expect(signers).toEqual([[former], [current], [former], [current]])
})

describe('retries', () => {
  const cases: [RetryPolicy, number[]][] = [
    [{ kind: 'exponential', attempts: 4, intervalSeconds: 10_000 }, [10_000, 20_000, 40_000, 43_200]],
    [{ kind: 'linear', attempts: 3, intervalSeconds: 20_000 }, [20_000, 40_000, 43_200]],
    [{ kind: 'fixed', attempts: 3, intervalSeconds: 7 }, [7, 7, 7]],
    [{ kind: 'none', attempts: 5, intervalSeconds: 7 }, []],
    [{ kind: 'exponential', attempts: 0, intervalSeconds: 7 }, []],
  ]
  test.each(cases)('%o', (retryPolicy, delays) => {
    expect(delaysOf(retryPolicy)).toEqual(delays)
    const chosen = { ...subscription, settings: { retryPolicy } }
    expect(webhook.policyOf?.(chosen).retryDelaysSeconds).toEqual(delays)
  })

  test('natively a subscription chooses its policy, and delays of its own come before it', () => {
    expect(webhook.policyOf?.({ ...subscription, retryDelaysSeconds: [1] }).retryDelaysSeconds).toEqual([1])
    expect(checkNxtSettings({ retryPolicy: { kind: 'fixed', attempts: 40, intervalSeconds: 43_200 } })).toEqual([])
    const faults = checkNxtSettings({
      targetId: 'rec_1',
      retryPolicy: { kind: 'x', attempts: 41, intervalSeconds: 0, a: 1 },
    })
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '/settings/targetId',
      '/settings/retryPolicy/kind',
      '/settings/retryPolicy/attempts',
      '/settings/retryPolicy/intervalSeconds',
      '/settings/retryPolicy/a',
    ])
    expect(checkNxtSettings({ retryPolicy: [] })).toHaveLength(1)
  })
})

test('every table of the catalogue has its three row actions on the wire', () => {
  const types = builtinCatalogue().types('visma-business-nxt')
  expect(types.length).toBeGreaterThan(90)
  for (const { type, names, details } of types) {
    const text = `{"tenantId":7,"type":"${type}","entityId":"1","id":"1"}`
    const delivery = delivered(text, names.get('visma-business-nxt')!, { details: details.get('visma-business-nxt')! })
    const { tableIdentifier, event } = JSON.parse(bodyOf(delivery))
    expect({ tableIdentifier, event }).toEqual({
      tableIdentifier: delivery.details.tableIdentifier,
      event: delivery.details.event,
    })
  }
})
