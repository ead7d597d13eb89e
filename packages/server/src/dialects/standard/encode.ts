import { batchIdOf } from '../../core/delivery/delivery-id.ts'
import type { DeliveryInput, EncodeContext, EncodedRequest } from '../../core/dialect/dialect.ts'
import { webhookHeaders } from '../../core/dialect/signature.ts'
import { nativeEventText } from '../../core/event/event-fields.ts'
import { selectedData } from '../../core/filter/selected-data.ts'

/**
 * A `standard` delivery (contracts/native.md):
 *
 *   POST /hook
 *   webhook-id: dlv_…
 *   webhook-timestamp: 1514469556
 *   webhook-signature: v1,…
 *   content-type: application/json
 *
 *   {"type":"invoice.updated","timestamp":"…","tenantId":29302,"entityId":"3817","topic":"invoices",
 *    "offset":"…","sequence":41,"id":"inv-3817-v12","version":12,"data":{…}}
 *
 * With `batch` the body is an array of these, even of one, and `webhook-id` names all of its members.
 */
export function encodeStandard(
  deliveries: readonly [DeliveryInput, ...DeliveryInput[]],
  { subscription, secrets, nowMs }: EncodeContext,
): EncodedRequest {
  const [first] = deliveries
  const textOf = ({ event, offset, sequence }: DeliveryInput) => {
    const data = selectedData(event, subscription.fields)
    return nativeEventText(event, data === undefined ? { offset, sequence } : { offset, sequence, data })
  }
  const body = subscription.batch || deliveries.length > 1 ? `[${deliveries.map(textOf).join()}]` : textOf(first)
  const headers = webhookHeaders(secrets, batchIdOf(deliveries), nowMs, body)
  headers.push(['content-type', 'application/json'])
  return { method: 'POST', url: subscription.endpoint.url, headers, body }
}
