import { AppError } from '../core/errors.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { compilePatterns } from '../core/event/event-type-pattern.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'

export interface TestEventChoice {
  /** Types that the dialect can name, with their topics. */
  readonly types: readonly { readonly type: string; readonly topic: string }[]
  /** A tenant that the subscription may see; undefined: none has granted it. */
  readonly tenantId: TenantId | undefined
  /** The type that the caller asked for. */
  readonly asked: string | undefined
  readonly nowMs: number
}

/**
 * An event made up for a test delivery: it is in no log, has no offset and no sequence.
 * @throws AppError `invalid_request` when the type is none that the subscription can get
 */
export function testEvent(subscription: Subscription, choice: TestEventChoice): StoredEvent {
  const wants = compilePatterns(subscription.types)
  const type = choice.types.find((known) =>
    choice.asked === undefined ? wants(known.type) : known.type === choice.asked,
  )
  if (!type) {
    throw new AppError('invalid_request', 'There is no such event type in the dialect of the subscription.', {
      errors: [{ pointer: '/type', code: 'unknown_type', detail: 'GET /v1/event-types lists them.' }],
    })
  }
  const tenantId = choice.tenantId ?? 1
  const timestamp = JSON.stringify(formatRfc3339(choice.nowMs))
  return {
    partition: 0,
    position: 0,
    topic: type.topic,
    tenantId,
    type: type.type,
    entityKey: 'test',
    isQuiet: false,
    appendedAtMs: choice.nowMs,
    head: `"type":${JSON.stringify(type.type)},"timestamp":${timestamp},"tenantId":${tenantId},"entityId":"test"`,
    tail: '"id":"test","data":{"id":"test","test":true}',
  }
}
