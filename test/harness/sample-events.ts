import type { SentEvent } from './journal.ts'
import { between } from './random.ts'

interface SampleType {
  readonly topic: string
  readonly type: string
  readonly streamName: string
}

const types: readonly SampleType[] = [
  { topic: 'invoices', type: 'invoice.created', streamName: 'invoice-created-v1' },
  { topic: 'invoices', type: 'invoice.updated', streamName: 'invoice-updated-v1' },
  { topic: 'invoices', type: 'invoice-payment.bookkept', streamName: 'invoicepayment-bookkeep-v1' },
  { topic: 'customers', type: 'customer.updated', streamName: 'customer-updated-v2' },
  { topic: 'customers', type: 'customer.created', streamName: 'customer-created-v1' },
  { topic: 'orders', type: 'order.cancelled', streamName: 'order-cancelled-v1' },
  { topic: 'orders', type: 'order.updated', streamName: 'order-updated-v1' },
  { topic: 'articles', type: 'product.updated', streamName: 'article-updated-v1' },
  { topic: 'vouchers', type: 'voucher.created', streamName: 'voucher-created-v1' },
]

export const sampleTopics: readonly string[] = [...new Set(types.map(({ topic }) => topic))]

/** Values that a careless reader of JSON changes: digits, exponents, escapes, the order of keys. */
const fragile: readonly string[] = [
  '12345678901234567.89',
  '20250206211528366',
  '-0.0',
  '1.10',
  '1E+2',
  '0.1e-7',
  '"Åsa & Þórður <b>"',
  '"\\u00e5\\/\\ud83d\\ude00"',
  '"😀 \\" \\\\ \\n"',
  '{"b":1,"10":2,"2":3,"a":null}',
  '[1,[2,[3,{}]],""]',
  'true',
]

/** @param mark unlike every other event's of the run */
export function sampleEvent(
  mark: string,
  options: { readonly tenants: readonly number[]; readonly hasId: boolean; readonly random: () => number },
): SentEvent {
  const { tenants, hasId, random } = options
  const type = types[between(random, 0, types.length - 1)]!
  const pick = () => fragile[between(random, 0, fragile.length - 1)]!
  return {
    ...type,
    entityId: mark,
    tenantId: tenants[between(random, 0, tenants.length - 1)]!,
    time: `2017-12-28T14:59:${String(between(random, 10, 59))}.${between(random, 100, 999_999)}+01:00`,
    id: hasId ? `id-${mark}` : null,
    version: random() < 0.5 ? String(between(random, 1, 1_000)) : null,
    attributes: attributesOf(type.type, mark, random),
    data:
      random() < 0.9
        ? `{"z":${pick()},"customer":${pick()},"total":${between(random, 0, 999)}.${between(random, 10, 99)}0,"1":${pick()}}`
        : null,
  }
}

function attributesOf(type: string, mark: string, random: () => number): string | null {
  if (type === 'voucher.created')
    return `{"year":${between(random, 1, 99)},"series":"R","id":2025020621152${between(random, 1_000, 9_999)}}`
  if (type === 'invoice-payment.bookkept') return `{"invoiceId":"${mark}","fullyPaid":${random() < 0.5}}`
  return null
}

/** The event as a publisher writes it. */
export function requestText(event: SentEvent, isSpaced: boolean): string {
  const fields = [
    `"tenantId":${event.tenantId}`,
    `"type":"${event.type}"`,
    `"entityId":"${event.entityId}"`,
    `"time":"${event.time}"`,
    ...(event.id === null ? [] : [`"id":"${event.id}"`]),
    ...(event.version === null ? [] : [`"version":${event.version}`]),
    ...(event.attributes === null ? [] : [`"attributes":${event.attributes}`]),
    ...(event.data === null ? [] : [`"data":${event.data}`]),
  ]
  return isSpaced ? `{ ${fields.join(' , ')}\t}` : `{${fields.join()}}`
}
