import { isSkipped } from '../core/delivery/skipped-span.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { EventStanding } from '../follow/event-standing.ts'
import type { Facts } from './facts.ts'
import type { Reason } from './reason.ts'

/**
 * The reason, from the facts. What became of a delivery tells more than today's rules, which may have
 * changed since; where there is no delivery, the rules that match decide, and then how far reading is.
 */
export function verdictOf(facts: Facts): Reason {
  const { subscription, event, refusal, grantRefusal, delivery, standing } = facts
  const rests = subscription.status === 'disabled' && !standing.retriesWhileDisabled
  if (delivery) {
    if (delivery.status === 'delivered' || delivery.status === 'superseded') return delivery.status
    // Grants are asked again before each attempt, so this one cannot be made.
    if (grantRefusal !== null) return 'not_granted'
    if (delivery.status === 'failed') return 'failed'
    return rests ? 'disabled' : 'waiting'
  }
  if (refusal !== null) return refusal
  const { reading } = standing
  const span = reading?.skipped.find((skipped) => isSkipped([skipped], event.position))
  if (span) return span.reason === 'retention' ? 'expired' : 'skipped'
  if (standing.isPending) return rests ? 'disabled' : 'waiting'
  if (isAhead(standing, event)) return subscription.status === 'disabled' ? 'disabled' : 'waiting'
  // It was read past: what matches now did not match then.
  return facts.wasWithheld ? 'not_granted' : 'before_start'
}

/** Whether the subscription's reading has not come to the event yet. */
export function isAhead({ reading }: EventStanding, { position }: StoredEvent): boolean {
  return !reading || position > reading.readTo
}
