import { SignatureError } from '../../errors.ts'
import { fromHex, isHmacOf, joined, utf8 } from '../hmac.ts'
import { checkTime, noMatch, readBody, type WebhookContract } from '../webhook-contract.ts'
import type { MoneybirdEvent } from '../webhook-events.ts'
import { headerOf, neededHeader, textOf } from '../webhook-request.ts'

/**
 * `Moneybird-Signature: t=<epoch seconds>,v1=<hex>[,v1=<hex>]`, HMAC-SHA256 over `<t>.<body>`. Only 200 is success. A
 * webhook is registered after an unsigned POST of `{}` was answered so.
 */
export const moneybird: WebhookContract<MoneybirdEvent> = {
  methods: ['POST'],
  successStatus: 200,
  async verify({ headers, body }, terms) {
    const parts = neededHeader(headers, 'moneybird-signature')
      .split(',')
      .map((part) => part.trim().split('='))
    const time = parts.find(([name]) => name === 't')?.[1] ?? ''
    if (!/^\d{1,12}$/.test(time)) throw new SignatureError('invalid_timestamp', 'Moneybird-Signature has no time `t`')
    checkTime(Number(time), terms)
    const signed = joined(utf8(`${time}.`), body)
    const keys = terms.secrets.map(utf8)
    for (const [name, value] of parts) {
      if (name !== 'v1' || !(await isHmacOf('SHA-256', keys, fromHex(value ?? ''), signed))) continue
      return {
        deliveryId: neededHeader(headers, 'idempotency-key'),
        events: [readBody<MoneybirdEvent>(textOf(body))],
      }
    }
    throw noMatch()
  },
  greet({ headers, body }) {
    const isCheck = headerOf(headers, 'moneybird-signature') === undefined && textOf(body).trim() === '{}'
    return isCheck ? { status: 200 } : undefined
  },
}
