import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { StoredEvent } from '../../core/event/event.ts'
import { eventText, fortnoxEncoding } from './encode.ts'

const stored: StoredEvent = {
  partition: 0,
  position: 1,
  topic: 'invoices',
  tenantId: 29302,
  type: 'invoice-payment.bookkept',
  entityKey: '3817',
  isQuiet: false,
  appendedAtMs: 0,
  head: '"type":"invoice-payment.bookkept","timestamp":"2017-12-28T14:59:16.500+01:00","tenantId":29302,"entityId":"3817"',
  tail: '"id":"evt_1"',
}
const name = 'invoicepayment-bookkeep-v1'
const start = '{"topic":"invoices","offset":"xDy7J","type":"invoicepayment-bookkeep-v1","tenantId":29302'
const end = '"timestamp":"2017-12-28T14:59:16.500+01:00"'

function encoded(change: Partial<StoredEvent>): string {
  return eventText({ ...stored, ...change }, 'xDy7J', name)
}

describe('an event', () => {
  it('is the example of the contract, byte by byte', () => {
    const golden = readFileSync(new URL('fixtures/invoice-payment.txt', import.meta.url), 'utf8')
    expect(encoded({})).toBe(golden.trimEnd())
  })

  it('stands in one text frame', () => {
    const frame = fortnoxEncoding(() => name).encode(stored, 'xDy7J')!
    expect(frame.subarray(0, 4).toString('hex')).toBe('817e0098')
    expect(frame.toString('latin1', 4)).toBe(encoded({}))
  })

  it('is not shown when its type has no name in the dialect', () => {
    expect(fortnoxEncoding(() => undefined).encode(stored, 'xDy7J')).toBeUndefined()
  })

  it('carries its attributes after the timestamp, as they were published', () => {
    const tail =
      '"id":"evt_1","actor":"x","attributes":{"year":2026,"series":"R","fullyPaid":true,"id":12345678901234567.89,"note":"\\u00e5\\/"},"data":{"a":1}'
    expect(encoded({ tail })).toBe(
      `${start},"entityId":"3817",${end},"year":2026,"series":"R","fullyPaid":true,"id":12345678901234567.89,"note":"\\u00e5\\/"}`,
    )
  })

  it('lets no attribute stand twice or in the place of its own fields', () => {
    const own = ['topic', 'offset', 'type', 'tenantId', 'entityId', 'timestamp']
    const attributes = [...own.map((key) => `"${key.replace('t', '\\u0074')}":1`), '"invoiceId":"7"'].join()
    expect(encoded({ tail: `"id":"evt_1","attributes":{${attributes}}` })).toBe(
      `${start},"entityId":"3817",${end},"invoiceId":"7"}`,
    )
  })

  it('takes no word within the data for its attributes', () => {
    expect(encoded({ tail: '"id":"evt_1","data":{"attributes":{"a":1}}' })).toBe(`${start},"entityId":"3817",${end}}`)
  })

  it('is ASCII, though one reads the same', () => {
    const head = stored.head.replace('"3817"', '"Å😀"')
    const tail = '"id":"evt_1","attributes":{"name":"Växjö"}'
    const text = encoded({ head, tail, entityKey: 'Å😀' })
    expect(text).toBe(`${start},"entityId":"\\u00c5\\ud83d\\ude00",${end},"name":"V\\u00e4xj\\u00f6"}`)
    expect(JSON.parse(text)).toMatchObject({ entityId: 'Å😀', name: 'Växjö' })
  })

  it('joins a composite key into one string', () => {
    const keys = '[{"year":1},{"series":"R"},{"number":7}]'
    const head = stored.head.replace('"entityId":"3817"', `"keys":${keys}`)
    expect(JSON.parse(encoded({ head, entityKey: keys })).entityId).toBe('1-R-7')
  })

  it.each([
    ['2017-12-28T14:59:16+01:00', '2017-12-28T14:59:16.000+01:00'],
    ['2017-12-28T14:59:16.5Z', '2017-12-28T14:59:16.500Z'],
    ['2017-12-28T14:59:16.1234567-03:00', '2017-12-28T14:59:16.1234567-03:00'],
  ])('shows the time %s with at least three fractional digits', (published, shown) => {
    const head = stored.head.replace('2017-12-28T14:59:16.500+01:00', published)
    expect(JSON.parse(encoded({ head })).timestamp).toBe(shown)
  })
})
