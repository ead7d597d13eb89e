import { remembered } from '../../core/collection/remembered.ts'
import type { DeliveryInput, EncodeContext, EncodedRequest } from '../../core/dialect/dialect.ts'
import { hmac } from '../../core/dialect/signature.ts'
import { parseFields, projectFields, type Selection } from '../../core/filter/fields.ts'
import { modelOf } from './entity-model.ts'

const selectionOf = remembered<Selection>(4_096, (fields) => {
  const result = parseFields(fields)
  if (!result.ok) throw new Error(`A stored selection of fields is not valid: ${result.error.message}`)
  return result.selection
})

const integerText = /^(?:0|-?[1-9]\d*)$/

/** Of these the entity is gone: there is nothing to send but its id. */
export function isDelete(name: string): boolean {
  return name.endsWith('.delete')
}

/**
 * A Tripletex delivery:
 *
 *   POST <targetUrl>
 *   content-type: application/json
 *   idempotency-key: dlv_…              the same on every attempt
 *   x-request-signature: <base64>       HMAC-SHA512(secret, <idempotency-key> "&" <body>), with a secret set
 *
 *   {"subscriptionId":1,"event":"product.update","id":3817,"value":{…}}
 *
 * `id` is a JSON number when the entity's id is an integer. `value` is the entity after `fields`; without
 * `fields` as it was published.
 */
export function encodeTripletex(
  [delivery]: readonly [DeliveryInput, ...DeliveryInput[]],
  { subscription, secrets }: EncodeContext,
): EncodedRequest {
  const body = payload(delivery, subscription)
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['idempotency-key', delivery.deliveryId],
  ]
  // A receiver looks for one signature: during a rotation the current secret makes it.
  const [current] = secrets
  if (current) {
    headers.push(['x-request-signature', hmac('sha512', current.secret, `${delivery.deliveryId}&${body}`, 'base64')])
  }
  return { method: 'POST', url: subscription.endpoint.url, headers, body }
}

function payload(
  { event, name, entity, details }: DeliveryInput,
  { number, fields }: EncodeContext['subscription'],
): string {
  const id = integerText.test(event.entityKey) ? event.entityKey : JSON.stringify(event.entityKey)
  const shaped = (text: string) =>
    fields === null ? text : projectFields(selectionOf(fields), text, { bare: 'reference', model: modelOf(details) })
  const value = entity === null || isDelete(name) ? 'null' : shaped(entity)
  return `{"subscriptionId":${number},"event":${JSON.stringify(name)},"id":${id},"value":${value}}`
}
