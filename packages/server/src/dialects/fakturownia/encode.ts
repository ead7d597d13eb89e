import type { DeliveryInput, EncodeContext, EncodedRequest } from '../../core/dialect/dialect.ts'
import { eventFields } from '../../core/event/event-fields.ts'
import { selectedText } from '../../core/filter/selected-data.ts'
import { type EntityKind, entityText } from './entity.ts'
import { accountLocale, appNameOf, defaultLocale, methodOf } from './settings.ts'

/**
 * A Fakturownia delivery (contracts/fakturownia.md, "Delivery"). Unsigned; no event name: the receiver
 * knows the kind by its URL, and the sender by `api_token`.
 *
 *   POST /hook
 *   idempotency-key: dlv_…
 *   content-type: application/json
 *
 *   {"id":111,"deal":{…},"app_name":"fakturownia","api_token":"","locale":"pl"}     invoice
 *   {"client":{…},"app_name":"fakturownia","api_token":"","locale":"pl"}            client
 *   {"product":{…},"app_name":"fakturownia","api_token":"","locale":"pl"}           product
 *
 * With GET the body's top-level scalars are the query: `?id=111&app_name=…&api_token=…&locale=…`.
 */
export function encodeFakturownia(
  [delivery]: readonly [DeliveryInput, ...DeliveryInput[]],
  { subscription, secrets, operatorSettings }: EncodeContext,
): EncodedRequest {
  const kind = kindOf(delivery.name)
  const idText = idOf(delivery)
  const data = delivery.entity === null ? null : selectedText(delivery.entity, subscription.fields)
  const entity = entityText(kind, data, idText)
  const { tenantId } = delivery.event
  const sender: readonly (readonly [string, string])[] = [
    ['app_name', appNameOf(operatorSettings)],
    ['api_token', secrets[0]?.secret ?? ''],
    ['locale', accountLocale(operatorSettings, tenantId) ?? defaultLocale(operatorSettings)],
  ]
  const idempotencyKey = ['idempotency-key', delivery.deliveryId] as const
  const { url } = subscription.endpoint
  if (methodOf(subscription) === 'GET') {
    const id: readonly [string, string][] = kind === 'invoice' ? [['id', plainText(idText)]] : []
    return { method: 'GET', url: withQuery(url, [...id, ...sender]), headers: [idempotencyKey], body: null }
  }
  const head = kind === 'invoice' ? `"id":${idText ?? 'null'},"deal":${entity}` : `"${kind}":${entity}`
  const tail = sender.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join()
  const headers = [idempotencyKey, ['content-type', 'application/json'] as const]
  return { method: 'POST', url, headers, body: `{${head},${tail}}` }
}

/** The entity of a kind, as `invoice` of `invoice:create`. */
function kindOf(name: string): EntityKind {
  const [entity] = name.split(':')
  if (entity === 'invoice' || entity === 'client' || entity === 'product') return entity
  throw new Error(`${name} is no kind of Fakturownia`)
}

/** The vendor's ids are integers; another one is sent as the text that it is. */
function idOf({ event }: DeliveryInput): string | null {
  const { entityId } = eventFields(event)
  if (entityId === null) return null
  return /^(?:0|[1-9]\d*)$/.test(entityId) ? entityId : JSON.stringify(entityId)
}

function plainText(idText: string | null): string {
  if (idText === null) return ''
  return idText.startsWith('"') ? String(JSON.parse(idText)) : idText
}

/** A query that the URL already has stays as it is written. */
function withQuery(endpoint: string, pairs: readonly (readonly [string, string])[]): string {
  const url = new URL(endpoint)
  const added = new URLSearchParams(pairs as [string, string][]).toString()
  url.search = url.search === '' ? added : `${url.search}&${added}`
  return url.href
}
