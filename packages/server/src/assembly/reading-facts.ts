import { paceWindowMs } from '../core/delivery/pace.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { compilePatterns } from '../core/event/event-type-pattern.ts'
import { onlyPartition } from '../core/event/partition.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { Asker } from '../follow/not-granted.ts'
import type { Reading } from '../follow/readership.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import type { CatchUpFacts, LogPlace, Missed, SubscriptionStats } from '../http/routes/subscription-facts.ts'
import { firstAfter } from '../log/look-up.ts'
import type { Foundation } from './foundation.ts'
import { hasGrant, notGrantedFacts } from './grant-facts.ts'

/** Events of the log that one answer reads to count those without a grant (invariant 8). */
export const mostCounted = 50_000
/** The same of an answer that is asked for again and again. */
const mostCountedOften = 5_000

/** Null: it keeps up, or is disabled. */
export function catchUpFacts(reading: Reading | undefined): CatchUpFacts | null {
  if (!reading?.catchUp) return null
  const { reason, sinceMs, pausedAtMs } = reading.catchUp
  return {
    state: pausedAtMs === null ? 'running' : 'paused',
    reason,
    since: formatRfc3339(sinceMs),
    pausedAt: pausedAtMs === null ? null : formatRfc3339(pausedAtMs),
  }
}

export async function subscriptionStats(
  foundation: Foundation,
  webhooks: Webhooks,
  subscription: Subscription,
  asker: Asker,
): Promise<SubscriptionStats> {
  const { number } = subscription
  const reading = webhooks.readership.reading(number)
  const { breaker, inFlight } = webhooks.endpointOf(subscription)
  const { waiting, failed } = await foundation.history.count(number)
  const behindSinceMs = await behindSince(foundation, webhooks.readership.settledTo(number))
  const timeOf = (ms: number | null) => (ms === null ? null : formatRfc3339(ms))
  return {
    behind: webhooks.readership.behind(number),
    behindSince: timeOf(behindSinceMs),
    keptUntil: timeOf(behindSinceMs === null ? null : behindSinceMs + foundation.config.retention),
    waiting,
    failed,
    sequence: reading?.sequence ?? 0,
    breaker,
    inFlight,
    reading: reading?.mode ?? 'shared',
    catchUp: await catchUpProgress(foundation, webhooks, subscription),
    hasGrant: hasGrant(foundation, subscription),
    notGranted: notGrantedFacts(
      foundation,
      subscription,
      await webhooks.leftOut.notGranted(subscription, mostCountedOften, asker),
    ),
  }
}

async function catchUpProgress(
  foundation: Foundation,
  webhooks: Webhooks,
  subscription: Subscription,
): Promise<SubscriptionStats['catchUp']> {
  const { log } = foundation
  const reading = webhooks.readership.reading(subscription.number)
  const facts = catchUpFacts(reading)
  if (!facts || !reading?.catchUp) return null
  const { from } = reading.catchUp
  const { latest } = log.bounds(onlyPartition)
  const place = (position: number, event: StoredEvent | undefined): LogPlace => ({
    time: event ? formatRfc3339(event.appendedAtMs) : null,
    offsets: offsetsAt(foundation, subscription, position),
  })
  const behind = webhooks.readership.behind(subscription.number)
  return {
    ...facts,
    from: place(from, await firstAfter(log, onlyPartition, from)),
    to: place(latest, (await log.readAt(onlyPartition, [latest]))[0]),
    read: Math.max(0, reading.readTo - from),
    behind,
    eventsPerSecond: rounded(reading.pace ? reading.pace.eventsPerSecond : 0),
    windowSeconds: paceWindowMs / 1_000,
    secondsLeft: reading.pace?.secondsLeft ?? null,
  }
}

/** Everything that a subscription was due and has not had. */
export async function missedBy(
  foundation: Foundation,
  webhooks: Webhooks,
  subscription: Subscription,
  asker: Asker,
): Promise<Missed> {
  const spans = await webhooks.leftOut.missed(subscription)
  const notGranted = await webhooks.leftOut.notGranted(subscription, mostCounted, asker)
  return {
    subscription: subscription.id,
    behind: webhooks.readership.behind(subscription.number),
    deliveries: await foundation.history.count(subscription.number),
    notGranted: notGrantedFacts(foundation, subscription, notGranted),
    skipped: spans.map((span) => ({
      reason: span.reason,
      at: formatRfc3339(span.atMs),
      events: span.events,
      isExact: span.isExact,
      droppedEvents: span.dropped,
      after: offsetsAt(foundation, subscription, span.after),
      firstAt: span.firstAtMs === null ? null : formatRfc3339(span.firstAtMs),
      lastAt: span.lastAtMs === null ? null : formatRfc3339(span.lastAtMs),
      rewind: span.firstAtMs === null ? null : { to: { time: formatRfc3339(span.firstAtMs) } },
    })),
  }
}

/** When the first event after a position was appended; null: there is none. */
async function behindSince({ log }: Foundation, position: number): Promise<number | null> {
  return (await firstAfter(log, onlyPartition, position))?.appendedAtMs ?? null
}

/** A position as the offset of each topic that the subscription's types are in. */
function offsetsAt(
  { catalogue, offsetOf }: Foundation,
  subscription: Subscription,
  position: number,
): Readonly<Record<string, string>> {
  const wants = compilePatterns(subscription.types)
  const types = [...catalogue().types(subscription.dialect)].filter(({ type }) => wants(type))
  const topics = [...new Set(types.map(({ topic }) => topic))].sort()
  return Object.fromEntries(topics.map((topic) => [topic, offsetOf({ topic, position })]))
}

function rounded(figure: number | null): number | null {
  return figure === null ? null : Math.round(figure * 100) / 100
}
