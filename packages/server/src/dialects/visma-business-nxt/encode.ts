import type { DeliveryInput, EncodeContext, EncodedRequest, LiveSecret } from '../../core/dialect/dialect.ts'
import { hmac } from '../../core/dialect/signature.ts'
import { eventFields } from '../../core/event/event-fields.ts'
import { toUtcSevenDigits } from '../../core/time/time.ts'
import { isCustomerLevel, readName } from './tables.ts'

/**
 * A table change (contracts/visma-business-nxt.md, "Delivery"):
 *
 *   POST /hook
 *   x-vwd-signature-v1: <base64 of HMAC-SHA256 over the body, the key as UTF-8 text>
 *   x-vwd-notification-id: dlv_…
 *   x-vwd-notification-timestamp: 1738876528397      when the log took the event
 *   x-vwd-webhook-timestamp: 1738876531002           now
 *   x-vwd-event-id: TableChange
 *   x-vwd-application-id: int_…
 *   x-vwd-application-version: 1
 *   x-vwd-subscription-id: sub_…
 *   x-vwd-tenant-id: 5199768
 *   x-vwd-group-id: 4801958
 *   content-type: application/json
 *
 *   {"tableIdentifier":"OrderLine","customerNo":4801958,"companyNo":5199768,"event":"INSERT",
 *    "primaryKeys":[{"OrderNo":3},{"LineNo":1}],"timestamp":"2025-02-06T21:15:28.3971469Z",
 *    "changedByUser":"ola.normann","changedColumns":[{"Description":"Hello webhook"}]}
 *
 * `primaryKeys` and `changedColumns` are the publisher's own text: no number of them is ever read.
 */
export function encodeNxt(
  [delivery]: readonly [DeliveryInput, ...DeliveryInput[]],
  { subscription, secrets, nowMs }: EncodeContext,
): EncodedRequest {
  const { event, attempt, deliveryId } = delivery
  const { table, action } = readName(delivery.name)
  const { customerNo, companyNo } = numbersOf(delivery)
  const { time, actor, changed } = eventFields(event)
  const body = [
    `{"tableIdentifier":${JSON.stringify(table)}`,
    `"customerNo":${customerNo}`,
    `"companyNo":${companyNo}`,
    `"event":"${action}"`,
    `"primaryKeys":${primaryKeysOf(delivery, table)}`,
    `"timestamp":"${toUtcSevenDigits(time) ?? time}"`,
    `"changedByUser":${JSON.stringify(actor ?? '')}${action === 'DELETE' ? '' : `,"changedColumns":${changed ?? '[]'}`}}`,
  ].join()
  const signing = signingSecret(secrets, attempt)
  const headers: [string, string][] = signing
    ? [['x-vwd-signature-v1', hmac('sha256', signing.secret, body, 'base64')]]
    : []
  headers.push(
    ['x-vwd-notification-id', deliveryId],
    ['x-vwd-notification-timestamp', String(event.appendedAtMs)],
    ['x-vwd-webhook-timestamp', String(nowMs)],
    ['x-vwd-event-id', 'TableChange'],
    ['x-vwd-application-id', subscription.integrationId],
    ['x-vwd-application-version', '1'],
    ['x-vwd-subscription-id', subscription.id],
    ['x-vwd-tenant-id', String(event.tenantId)],
    ['x-vwd-group-id', String(customerNo === 0 ? event.tenantId : customerNo)],
    ['content-type', 'application/json'],
  )
  return { method: 'POST', url: subscription.endpoint.url, headers, body }
}

/**
 * The header holds one signature. While an overlap lasts, the former key signs the first attempt, so
 * that a receiver notices nothing, and the keys take turns on the retries, so that a receiver that
 * has either of them accepts the delivery.
 */
function signingSecret(secrets: readonly LiveSecret[], attempt: number): LiveSecret | undefined {
  return secrets.toReversed()[(attempt - 1) % Math.max(1, secrets.length)]
}

/** A company is a tenant, its customer the parent; what belongs to all of a customer has no company. */
function numbersOf({ event, details, parentTenantId, hasChildTenants }: DeliveryInput) {
  if (hasChildTenants) return { customerNo: event.tenantId, companyNo: 0 }
  if (isCustomerLevel(details)) return { customerNo: parentTenantId ?? event.tenantId, companyNo: 0 }
  return { customerNo: parentTenantId ?? 0, companyNo: event.tenantId }
}

/** The publisher's `keys`; an event with a plain `entityId` has one column, named by the catalogue or after the table. */
function primaryKeysOf({ event, details }: DeliveryInput, table: string): string {
  const { keys, entityId } = eventFields(event)
  if (keys !== null) return keys
  const column = typeof details.keyColumn === 'string' ? details.keyColumn : `${table}No`
  const isNumber = details.keyIsText !== true && entityId !== null && isInt64(entityId)
  return `[{${JSON.stringify(column)}:${isNumber ? entityId : JSON.stringify(entityId)}}]`
}

function isInt64(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}
