import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import type { DeliveryKey } from '../core/delivery/delivery.ts'
import { encodeDeliveryId } from '../core/delivery/delivery-id.ts'
import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { eventId } from '../core/event/event-fields.ts'
import { onlyPartition } from '../core/event/partition.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import { heldDueMs } from '../deliver/entities/entity-ledger.ts'
import type { EventLog } from '../log/event-log.ts'
import type { SubscriptionLookUp } from '../registry/subscription-look-up.ts'

export interface DeliveryViewDeps {
  readonly log: EventLog
  readonly offsetOf: (place: { topic: string; position: number }) => string
  readonly subscriptions: Pick<SubscriptionLookUp, 'withNumber'>
}

/** Deliveries as they are shown, with the ids of their events read from the log. */
export async function deliveryViews(
  deps: DeliveryViewDeps,
  rows: readonly DeliveryRow[],
): Promise<readonly Record<string, unknown>[]> {
  const positions = rows.map(({ position }) => position)
  const events = new Map((await deps.log.readAt(onlyPartition, positions)).map((event) => [event.position, event]))
  return rows.map((row) => deliveryView(deps, row, events.get(row.position)))
}

export function deliveryView(deps: DeliveryViewDeps, row: DeliveryRow, event: StoredEvent | undefined) {
  const { type, topic, tenantId, entityKey: entityId } = row
  const offset = deps.offsetOf(row)
  return {
    id: deliveryIdOf(deps.log.epoch, row),
    status: row.status,
    subscription: deps.subscriptions.withNumber(row.subscription)?.id ?? null,
    event: { id: event ? eventId(event) : null, type, tenantId, entityId, offset },
    ...{ type, topic, offset, tenantId, entityId },
    sequence: row.sequence,
    attempts: row.attempts,
    // A held delivery waits for an older one of its entity, not for a time.
    nextAttemptAt:
      row.nextAttemptAtMs === null || row.nextAttemptAtMs === heldDueMs ? null : formatRfc3339(row.nextAttemptAtMs),
    lastAttempt: row.lastAttempt && attemptView(row.lastAttempt),
  }
}

export function deliveryIdOf(epoch: number, { subscription, partition, position }: DeliveryKey): string {
  return encodeDeliveryId({ epoch, subscription, partition, position })
}

export function attemptView(attempt: AttemptRecord): Record<string, unknown> {
  return {
    attempt: attempt.attempt,
    at: formatRfc3339(attempt.atMs),
    durationMs: attempt.durationMs,
    timing: attempt.timing,
    status: attempt.status,
    error: attempt.error,
    body: attempt.body,
    headers: answerHeadersOf(attempt),
  }
}

function answerHeadersOf({ answerHeaders }: AttemptRecord): readonly { name: string; value: string }[] | null {
  if (answerHeaders === null) return null
  return Object.entries(JSON.parse(answerHeaders) as Record<string, string>).map(([name, value]) => ({ name, value }))
}
