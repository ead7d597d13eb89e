import { fromBase64, isHmacOf, joined, utf8 } from '../hmac.ts'
import { noMatch, readBody, type WebhookContract } from '../webhook-contract.ts'
import type { TripletexEvent } from '../webhook-events.ts'
import { neededHeader, textOf } from '../webhook-request.ts'

/** `x-request-signature`: base64 of HMAC-SHA512 over `<idempotency-key>&<body>`. No time is signed. */
export const tripletex: WebhookContract<TripletexEvent> = {
  methods: ['POST'],
  successStatus: 204,
  async verify({ headers, body }, { secrets }) {
    const deliveryId = neededHeader(headers, 'idempotency-key')
    const signature = fromBase64(neededHeader(headers, 'x-request-signature'))
    const signed = joined(utf8(`${deliveryId}&`), body)
    if (!(await isHmacOf('SHA-512', secrets.map(utf8), signature, signed))) throw noMatch()
    return { deliveryId, events: [readBody<TripletexEvent>(textOf(body))] }
  },
}
