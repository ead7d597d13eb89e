import type { Subscription } from '../../core/registry/registry.ts'
import type { Clock } from '../../core/time/clock.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import type { HistoryStore } from '../../deliver/history/history-store.ts'
import type { Asker, NotGranted } from '../../follow/not-granted.ts'
import type { GrantStanding } from '../../registry/grant-standing.ts'
import { subscriptionView } from '../../registry/subscription-view.ts'
import { catchUpFacts, paceFacts } from './catch-up-facts.ts'
import type { LogPlaces } from './log-places.ts'
import { notGrantedFacts } from './not-granted-facts.ts'
import type { EndpointStates, LeftOutEvents, ReadingStates } from './readings.ts'
import type { CatchUpFacts, Missed, NotGrantedFacts, SubscriptionStats } from './shapes.ts'

/** Events of the log that one answer reads to count those without a grant (invariant 8). */
const mostCounted = 50_000
/** The same of an answer that is asked for again and again. */
const mostCountedOften = 5_000

export interface SubscriptionFactsParts {
  readonly readings: ReadingStates
  readonly leftOut: LeftOutEvents
  readonly endpoints: EndpointStates
  readonly history: Pick<HistoryStore, 'count'>
  readonly standing: GrantStanding
  readonly places: LogPlaces
  readonly clock: Pick<Clock, 'now'>
  readonly retentionMs: number
}

/** What answers say of subscriptions beyond their records: how far each has read, and what it was not sent. */
export class SubscriptionFacts {
  readonly #parts: SubscriptionFactsParts

  constructor(parts: SubscriptionFactsParts) {
    this.#parts = parts
  }

  /** A subscription as every answer shows it. */
  shown(subscription: Subscription): ReturnType<typeof subscriptionView> {
    const { standing, readings } = this.#parts
    return {
      ...subscriptionView(subscription),
      hasGrant: standing.hasGrant(subscription),
      behind: readings.behind(subscription.number),
      catchUp: this.#catchUp(subscription),
    }
  }

  async stats(subscription: Subscription, asker: Asker): Promise<SubscriptionStats> {
    const { readings, leftOut, endpoints, history, standing, places, retentionMs } = this.#parts
    const { number } = subscription
    const reading = readings.reading(number)
    const { breaker, inFlight } = endpoints.endpointOf(subscription)
    const { waiting, failed } = await history.count(number)
    const behindSinceMs = await places.sinceMs(readings.settledTo(number))
    return {
      behind: readings.behind(number),
      behindSince: behindSinceMs === null ? null : formatRfc3339(behindSinceMs),
      keptUntil: behindSinceMs === null ? null : formatRfc3339(behindSinceMs + retentionMs),
      waiting,
      failed,
      sequence: reading?.sequence ?? 0,
      breaker,
      inFlight,
      reading: reading?.mode ?? 'shared',
      catchUp: await this.#progress(subscription),
      hasGrant: standing.hasGrant(subscription),
      notGranted: this.#notGranted(subscription, await leftOut.notGranted(subscription, mostCountedOften, asker)),
    }
  }

  /** Everything that a subscription was due and has not had. */
  async missed(subscription: Subscription, asker: Asker): Promise<Missed> {
    const { readings, leftOut, history, places } = this.#parts
    const spans = await leftOut.missed(subscription)
    const notGranted = await leftOut.notGranted(subscription, mostCounted, asker)
    return {
      subscription: subscription.id,
      behind: readings.behind(subscription.number),
      deliveries: await history.count(subscription.number),
      notGranted: this.#notGranted(subscription, notGranted),
      skipped: spans.map((span) => ({
        reason: span.reason,
        at: formatRfc3339(span.atMs),
        events: span.events,
        isExact: span.isExact,
        droppedEvents: span.dropped,
        after: places.offsetsAt(subscription, span.after),
        firstAt: span.firstAtMs === null ? null : formatRfc3339(span.firstAtMs),
        lastAt: span.lastAtMs === null ? null : formatRfc3339(span.lastAtMs),
        rewind: span.firstAtMs === null ? null : { to: { time: formatRfc3339(span.firstAtMs) } },
      })),
    }
  }

  /** Events of the log after a position. */
  eventsAfter(position: number): number {
    return this.#parts.places.countAfter(position)
  }

  /** Of those, the ones that are not sent for want of a grant: for the operator alone. */
  async notGrantedAfter(subscription: Subscription, position: number): Promise<NotGrantedFacts | null> {
    const found = await this.#parts.leftOut.notGrantedAfter(subscription, position, mostCounted)
    return this.#notGranted(subscription, found)
  }

  /** Null: it keeps up, or is disabled. */
  #catchUp({ number }: Subscription): CatchUpFacts | null {
    const catchUp = this.#parts.readings.reading(number)?.catchUp
    return catchUp ? catchUpFacts(catchUp) : null
  }

  async #progress(subscription: Subscription): Promise<SubscriptionStats['catchUp']> {
    const { readings, places } = this.#parts
    const reading = readings.reading(subscription.number)
    if (!reading?.catchUp) return null
    const { from } = reading.catchUp
    // As it is now, before the log is read.
    const [facts, pace] = [catchUpFacts(reading.catchUp), paceFacts(reading.pace)]
    const read = Math.max(0, reading.readTo - from)
    const behind = readings.behind(subscription.number)
    return {
      ...facts,
      from: await places.first(subscription, from),
      to: await places.latest(subscription),
      read,
      behind,
      ...pace,
    }
  }

  #notGranted({ integrationId }: Subscription, found: NotGranted | null): NotGrantedFacts | null {
    const { standing, clock } = this.#parts
    return found && notGrantedFacts(found, standing.historyOf(integrationId), clock.now())
  }
}
