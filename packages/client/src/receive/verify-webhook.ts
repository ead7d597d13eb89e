import type { AnyCatalogue, CatalogueOf } from '../catalogue.ts'
import { SignatureError } from '../errors.ts'
import { utf8 } from './hmac.ts'
import { webhookContracts } from './webhook-contracts.ts'
import type { WebhookDialect, WebhookEvents } from './webhook-events.ts'
import type { WebhookHeaders } from './webhook-request.ts'

export interface VerifyOptions<D extends WebhookDialect = 'standard'> {
  /** Default `standard`. */
  readonly dialect?: D | undefined
  /** The request's headers: a `Headers` or Node's `request.headers`. */
  readonly headers: WebhookHeaders
  /** The body exactly as it came, before any parsing. */
  readonly body: string | Uint8Array
  /**
   * The subscription's; several while one is being rotated. `standard` and `cloudevents`: `whsec_…` (a signing secret)
   * and `whpk_…` (a signing public key). `fakturownia` has no signature: the webhook's `api_token`.
   */
  readonly secrets: string | readonly string[]
  /** How far the signed time may be from now, either way; default 300. Some dialects sign none. */
  readonly toleranceSeconds?: number | undefined
  /** Epoch milliseconds; default the system's clock. */
  readonly nowMs?: number | undefined
}

export interface VerifiedWebhook<Event> {
  /** The delivery's id, the same on every attempt: remember it to do nothing twice. */
  readonly deliveryId: string
  /** One, or several where the subscription has `batch`. */
  readonly events: readonly Event[]
}

/**
 * Tells whether a webhook comes from Tidings, and reads it. For a whole receiver see `receive`.
 *
 * @throws SignatureError with a `code` that says what is wrong; answer such a request with 400
 * @throws SyntaxError when what was signed is not JSON
 */
export async function verifyWebhook<D extends WebhookDialect = 'standard', C extends CatalogueOf<C> = AnyCatalogue>(
  options: VerifyOptions<D>,
): Promise<VerifiedWebhook<WebhookEvents<C>[D]>> {
  const { headers, body, toleranceSeconds = 300, nowMs = Date.now() } = options
  const contract = webhookContracts[options.dialect ?? 'standard']
  const request = { method: 'POST', url: '', headers, body: typeof body === 'string' ? utf8(body) : body }
  const secrets = secretsOf(options.secrets)
  const { deliveryId, events } = await contract.verify(request, { secrets, toleranceSeconds, nowMs })
  return { deliveryId, events: events as readonly unknown[] as readonly WebhookEvents<C>[D][] }
}

/** @throws SignatureError `invalid_key`: an empty secret would make every forgery genuine */
export function secretsOf(secrets: string | readonly string[]): readonly string[] {
  const list = typeof secrets === 'string' ? [secrets] : secrets
  if (list.length > 0 && list.every((secret) => secret !== '')) return list
  throw new SignatureError(
    'invalid_key',
    'no secret was given, or an empty one: give the signing secret of the subscription',
  )
}
