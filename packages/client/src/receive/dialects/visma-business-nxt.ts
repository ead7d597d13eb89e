import { fromBase64, isHmacOf, joined, utf8 } from '../hmac.ts'
import { noMatch, readBody, type WebhookContract } from '../webhook-contract.ts'
import type { VismaBusinessNxtEvent } from '../webhook-events.ts'
import { neededHeader, textOf } from '../webhook-request.ts'

/**
 * `x-vwd-signature-v1`: base64 of HMAC-SHA256 over the body alone. Neither the time nor the notification's id is
 * signed, so neither proves that a request is not an old one.
 */
export const vismaBusinessNxt: WebhookContract<VismaBusinessNxtEvent> = {
  methods: ['POST'],
  successStatus: 204,
  async verify({ headers, body }, { secrets }) {
    const deliveryId = neededHeader(headers, 'x-vwd-notification-id')
    const signature = fromBase64(neededHeader(headers, 'x-vwd-signature-v1'))
    if (!(await isHmacOf('SHA-256', secrets.map(utf8), signature, joined(new Uint8Array(), body)))) throw noMatch()
    return { deliveryId, events: [readBody<VismaBusinessNxtEvent>(textOf(body))] }
  },
}
