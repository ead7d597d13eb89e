import { withSpan } from '../core/delivery/skipped-span.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { DueStore } from '../deliver/due-store.ts'
import type { Settlements } from '../deliver/settling/settlements.ts'
import type { EventLog } from '../log/event-log.ts'
import type { CompiledSubscription } from '../match/compiled-subscription.ts'
import type { GrantHistory } from '../match/grant-history.ts'
import type { Grants } from '../match/grants.ts'
import { type MissedSpan, missedSpans } from './missed.ts'
import { type Asker, isWithheld, type NotGranted, withheldEvents, withheldNow } from './not-granted.ts'
import type { Readership } from './readership.ts'

export interface GrantHistories {
  /** The grants of an integration, with those that have ended. */
  historyOf(integrationId: string): GrantHistory
}

export interface LeftOutDeps {
  readonly log: EventLog
  readonly due: DueStore
  readonly clock: Pick<Clock, 'now'>
  readonly grants: Grants
  readonly histories: GrantHistories
  readonly settlements: Pick<Settlements, 'flush'>
  readonly partition: number
}

/** What a subscription was not sent, and why: spans that its reading skipped, and events for which no grant stood. */
export class LeftOut {
  readonly #deps: LeftOutDeps
  readonly #readership: Readership

  constructor(deps: LeftOutDeps, readership: Readership) {
    this.#deps = deps
    this.#readership = readership
  }

  /** The spans that a subscription's reading skipped, newest first. */
  async missed(subscription: Subscription): Promise<readonly MissedSpan[]> {
    const { log, clock, histories, settlements, partition } = this.#deps
    const compiled = this.#compiledWhole(subscription)
    const reading = this.#readership.reading(subscription.number)
    if (!reading || !compiled) return []
    await settlements.flush()
    // Dropped before it was read: one that is disabled or paused hears of it only when it goes on.
    const lost = { after: reading.readTo, to: log.bounds(partition).earliest, atMs: clock.now() }
    const spans = withSpan(reading.skipped, { ...lost, reason: 'retention', isReadAgain: false })
    const history = histories.historyOf(subscription.integrationId)
    const question = { compiled, isWithheld: (event: StoredEvent) => isWithheld(compiled, event, history) }
    return missedSpans(this.#deps, question, spans)
  }

  /**
   * Of what a subscription has read, the events that were not sent for want of a grant; null: there are none.
   * Reads at most `cap` events of the log, the newest ones.
   */
  async notGranted(subscription: Subscription, cap: number, asker: Asker): Promise<NotGranted | null> {
    const { log, histories, settlements, partition } = this.#deps
    const history = histories.historyOf(subscription.integrationId)
    const compiled = this.#compiledWhole(subscription)
    if (!history.hasEnded || !compiled) return null
    await settlements.flush()
    const to = this.#readership.reading(subscription.number)?.readTo ?? 0
    const after = await log.positionBefore(partition, Date.parse(subscription.createdAt))
    return withheldEvents(this.#deps, compiled, history, { after, to }, cap, asker)
  }

  /** Of the events after a position, those that are not sent when they are read again now; null: there are none. */
  async notGrantedAfter(subscription: Subscription, after: number, cap: number): Promise<NotGranted | null> {
    const { log, histories, partition } = this.#deps
    const compiled = this.#readership.compiled(subscription.number)
    if (!compiled) return null
    const history = histories.historyOf(subscription.integrationId)
    const span = { after, to: log.bounds(partition).latest }
    return withheldNow(this.#deps, compiled, history, span, cap)
  }

  /** A rewind of some topics has put a floor under the others; what they missed is missed all the same. */
  #compiledWhole(subscription: Subscription): CompiledSubscription | undefined {
    const compiled = this.#readership.compiled(subscription.number)
    return compiled && { ...compiled, subscription: { ...subscription, topicFloors: null } }
  }
}
