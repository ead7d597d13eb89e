import type { DeliveryInput, EncodeContext, EncodedRequest } from '../../core/dialect/dialect.ts'
import { hmac } from '../../core/dialect/signature.ts'
import { eventFields } from '../../core/event/event-fields.ts'
import { selectedText } from '../../core/filter/selected-data.ts'
import { member, parseJson, withoutCaps } from '../../core/json/json.ts'
import { webhookTokenOf } from './settings.ts'
import { webhookIdOf } from './webhook-id.ts'

/**
 * A push (contracts/moneybird.md, "Delivery"):
 *
 *   POST /hook
 *   Content-Type: application/json
 *   Idempotency-Key: dlv_…                              the same over its retries
 *   Moneybird-Signature: t=1514469556,v1=<hex>[,v1=<hex>]
 *
 *   {"administration_id":"29302","webhook_id":"116…","webhook_token":"hPCN…","entity_type":"SalesInvoice",
 *    "entity_id":"3817","state":"late","action":"sales_invoice_state_changed_to_late","entity":{…}}
 *
 *   v1 = hex of HMAC-SHA256, keyed with the secret as text, over <t> "." <body>; one per live secret
 */
export function encodeMoneybird(
  [delivery]: readonly [DeliveryInput, ...DeliveryInput[]],
  { subscription, secrets, nowMs }: EncodeContext,
): EncodedRequest {
  const { event, name, details } = delivery
  const entity = isDestroyed(event.type) ? null : delivery.entity
  const body = `{${[
    `"administration_id":"${event.tenantId}"`,
    `"webhook_id":"${webhookIdOf(subscription)}"`,
    `"webhook_token":${JSON.stringify(webhookTokenOf(subscription))}`,
    `"entity_type":${textOf(details.entityType)}`,
    `"entity_id":${JSON.stringify(event.entityKey)}`,
    `"state":${textOf(stateOf(delivery))}`,
    `"action":${JSON.stringify(name)}`,
    `"entity":${entity === null ? 'null' : selectedText(entity, subscription.fields)}`,
  ].join()}}`
  const headers: [string, string][] = [
    ['Content-Type', 'application/json'],
    ['Idempotency-Key', delivery.deliveryId],
  ]
  if (secrets.length > 0) {
    const t = Math.floor(nowMs / 1_000)
    const signatures = secrets.map(({ secret }) => `v1=${hmac('sha256', secret, `${t}.${body}`, 'hex')}`)
    headers.push(['Moneybird-Signature', `t=${t},${signatures.join()}`])
  }
  return { method: 'POST', url: subscription.endpoint.url, headers, body }
}

/** Whatever the event still carries, there is nothing left to be shown. */
function isDestroyed(type: string): boolean {
  return type.endsWith('.deleted')
}

/** The state that the event speaks of, never that of the entity as it is now: the two may differ. */
function stateOf({ event, details }: DeliveryInput): unknown {
  const { state, data } = eventFields(event)
  if (state !== null) return state
  if (details.state !== undefined) return details.state
  const parsed = data === null ? undefined : parseJson(data, { ...withoutCaps, materializeDepth: 1 })
  const inData = parsed?.ok ? member(parsed.node, 'state') : undefined
  return inData?.kind === 'string' ? inData.value : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : 'null'
}
