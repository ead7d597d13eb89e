import { isSameText } from '../hmac.ts'
import { noMatch, readBody, type WebhookContract } from '../webhook-contract.ts'
import type { FakturowniaEvent } from '../webhook-events.ts'
import { neededHeader, textOf, type WebhookRequest } from '../webhook-request.ts'

/**
 * Unsigned: the sender is known by the `api_token` that was set for the webhook, in the body, or with GET in the query.
 * Nothing covers the rest of the body, so use an https address that nobody else knows.
 */
export const fakturownia: WebhookContract<FakturowniaEvent> = {
  methods: ['POST', 'GET'],
  successStatus: 204,
  async verify(request, { secrets }) {
    const event = request.method === 'GET' ? queryOf(request) : readBody<FakturowniaEvent>(textOf(request.body))
    const given = String(event.api_token ?? '')
    const isKnown = await Promise.all(secrets.map((secret) => isSameText(given, secret)))
    if (!isKnown.includes(true)) throw noMatch()
    return { deliveryId: neededHeader(request.headers, 'idempotency-key'), events: [event] }
  },
}

function queryOf({ url }: WebhookRequest): FakturowniaEvent {
  const query = url.slice(url.indexOf('?') + 1)
  const values = Object.fromEntries(new URLSearchParams(url.includes('?') ? query : ''))
  return Object.defineProperty(values, 'raw', {
    value: JSON.stringify(values),
    enumerable: false,
  }) as unknown as FakturowniaEvent
}
