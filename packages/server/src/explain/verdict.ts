import { isSkipped } from '../core/skipped-span.ts'
import { parseRfc3339 } from '../core/time.ts'
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
  if (!reading || event.position > reading.readTo) return subscription.status === 'disabled' ? 'disabled' : 'waiting'
  // It was read past: what matches now did not match then.
  return wasGrantedLater(facts) ? 'not_granted' : 'before_start'
}

/** Whether every grant that shows the event now was made after it. */
export function wasGrantedLater({ event, grants }: Pick<Facts, 'event' | 'grants'>): boolean {
  const since = grants.since === null ? undefined : parseRfc3339(grants.since)
  return since !== undefined && since.epochMs > event.appendedAtMs
}
