import { batchIdOf } from '../../core/delivery/delivery-id.ts'
import type { DeliveryInput, EncodeContext, EncodedRequest } from '../../core/dialect/dialect.ts'
import { webhookHeaders } from '../../core/dialect/signature.ts'
import { selectedData } from '../../core/filter/selected-data.ts'
import { cloudEventAttributes } from './attributes.ts'
import { cloudEventBatchMediaType, cloudEventData, cloudEventMediaType, cloudEventText } from './event-text.ts'
import { percentEncoded } from './header-value.ts'
import { type CloudEventsMode, cloudEventsSettings } from './settings.ts'

interface Content {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/**
 * CloudEvents 1.0 over HTTP. Binary:
 *
 *   POST /hook
 *   webhook-id: dlv_…
 *   webhook-timestamp: 1514469556
 *   webhook-signature: v1,…
 *   ce-specversion: 1.0
 *   ce-id: inv-3817-v12
 *   …
 *   content-type: application/json
 *
 *   {"entityId":"3817","version":12,"data":{…}}
 *
 * Structured and batched carry the same attributes in the body (`event-text.ts`). Signed like
 * `standard`; `webhook-request-origin` names the sender to a receiver that allowed it by name.
 */
export function encodeCloudEvents(
  deliveries: readonly [DeliveryInput, ...DeliveryInput[]],
  { subscription, secrets, nowMs }: EncodeContext,
): EncodedRequest {
  const { mode, origin } = cloudEventsSettings(subscription)
  const content = contentOf(deliveries.length > 1 ? 'batched' : mode, deliveries, subscription.fields)
  const headers: EncodedRequest['headers'] = [
    ...webhookHeaders(secrets, batchIdOf(deliveries), nowMs, content.body),
    ...(origin === null ? [] : [['webhook-request-origin', origin] as const]),
    ...content.headers,
  ]
  return { method: 'POST', url: subscription.endpoint.url, headers, body: content.body }
}

function contentOf(
  mode: CloudEventsMode,
  deliveries: readonly [DeliveryInput, ...DeliveryInput[]],
  fields: string | null,
): Content {
  const textOf = (delivery: DeliveryInput) =>
    cloudEventText(delivery.event, delivery, selectedData(delivery.event, fields))
  const [first] = deliveries
  switch (mode) {
    case 'binary':
      return { headers: binaryHeaders(first), body: cloudEventData(first.event, selectedData(first.event, fields)) }
    case 'structured':
      return { headers: [['content-type', cloudEventMediaType]], body: textOf(first) }
    case 'batched':
      return { headers: [['content-type', cloudEventBatchMediaType]], body: `[${deliveries.map(textOf).join()}]` }
    default:
      return mode satisfies never
  }
}

/** `datacontenttype` is the content type itself and must not come twice (HTTP binding §3.1.1). */
function binaryHeaders(delivery: DeliveryInput): Content['headers'] {
  return cloudEventAttributes(delivery.event, delivery).map(([name, value]) =>
    name === 'datacontenttype' ? ['content-type', value] : [`ce-${name}`, percentEncoded(value)],
  )
}
