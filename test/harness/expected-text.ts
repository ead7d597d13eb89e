import type { SentEvent } from './journal.ts'

/** The native text of a published event, put together from the contract's key order and what was sent. */
export function expectedNative(
  event: SentEvent,
  given: { readonly offset: string; readonly id: string; readonly sequence: number | null },
): string {
  const fields = [
    `"type":"${event.type}"`,
    `"timestamp":"${event.time}"`,
    `"tenantId":${event.tenantId}`,
    `"entityId":"${event.entityId}"`,
    `"topic":"${event.topic}"`,
    `"offset":"${given.offset}"`,
    ...(given.sequence === null ? [] : [`"sequence":${given.sequence}`]),
    `"id":"${given.id}"`,
    ...(event.version === null ? [] : [`"version":${event.version}`]),
    ...(event.attributes === null ? [] : [`"attributes":${event.attributes}`]),
    ...(event.data === null ? [] : [`"data":${event.data}`]),
  ]
  return `{${fields.join()}}`
}

/** The text on the Fortnox stream: the attributes' fields stand at the top level. */
export function expectedStream(event: SentEvent, offset: string): string {
  const fields = [
    `"topic":"${event.topic}"`,
    `"offset":"${offset}"`,
    `"type":"${event.streamName}"`,
    `"tenantId":${event.tenantId}`,
    `"entityId":"${event.entityId}"`,
    `"timestamp":"${event.time}"`,
    ...(event.attributes === null ? [] : [event.attributes.slice(1, -1)]),
  ]
  return `{${fields.join()}}`
}
