import { SignatureError } from '../../errors.ts'
import { type ReceivedEvent, readEvent } from '../../event.ts'
import { itemTexts } from '../../json-text.ts'
import { fromBase64, joined, utf8 } from '../hmac.ts'
import { checkTime, noMatch, type VerifyTerms, type WebhookContract } from '../webhook-contract.ts'
import { neededHeader, textOf, type WebhookRequest } from '../webhook-request.ts'

/**
 * Standard Webhooks 1.0: `v1` is HMAC-SHA256, `v1a` Ed25519, over `<webhook-id>.<webhook-timestamp>.<body>`.
 */
export const standard: WebhookContract<ReceivedEvent> = {
  methods: ['POST'],
  successStatus: 204,
  async verify(request, terms) {
    const deliveryId = await verifyStandard(request, terms)
    const text = textOf(request.body)
    if (!text.trimStart().startsWith('[')) return { deliveryId, events: [readEvent(text)] }
    const events = itemTexts(text).map(readEvent)
    return { deliveryId, events, eventKeys: events.map(({ tenantId, id }) => `${tenantId} ${id}`) }
  },
}

/** The delivery's id, of a request that is genuine. @throws SignatureError */
export async function verifyStandard({ headers, body }: WebhookRequest, terms: VerifyTerms): Promise<string> {
  const deliveryId = neededHeader(headers, 'webhook-id')
  const timestamp = neededHeader(headers, 'webhook-timestamp')
  const signatures = neededHeader(headers, 'webhook-signature')
  if (!/^\d{1,12}$/.test(timestamp)) throw new SignatureError('invalid_timestamp', 'webhook-timestamp is no number')
  checkTime(Number(timestamp), terms)
  const signed = joined(utf8(`${deliveryId}.${timestamp}.`), body)
  const keys = await Promise.all(terms.secrets.map(readKey))
  for (const signature of signatures.split(' ')) {
    const comma = signature.indexOf(',')
    const version = signature.slice(0, comma)
    const bytes = fromBase64(signature.slice(comma + 1))
    if (!bytes) continue
    for (const { version: keyVersion, algorithm, key } of keys) {
      if (keyVersion !== version) continue
      // `verify` compares in constant time.
      if (await crypto.subtle.verify(algorithm, key, bytes, signed)) return deliveryId
    }
  }
  throw noMatch()
}

interface VerifyKey {
  readonly version: 'v1' | 'v1a'
  readonly algorithm: string
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>
}

async function readKey(secret: string): Promise<VerifyKey> {
  const isPublic = secret.startsWith('whpk_')
  const bytes = fromBase64(secret.replace(/^(whsec_|whpk_)/, ''))
  if (!bytes || bytes.length === 0 || secret.startsWith('whsk_'))
    throw new SignatureError('invalid_key', 'a secret begins with whsec_ (or whpk_ for a public key), then base64')
  const algorithm = isPublic ? { name: 'Ed25519' } : { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify'])
  return { version: isPublic ? 'v1a' : 'v1', algorithm: algorithm.name, key }
}
