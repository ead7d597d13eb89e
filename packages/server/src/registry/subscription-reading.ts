import type { Owner } from '../core/credential/caller.ts'
import type { CatchUpReason } from '../core/delivery/catch-up.ts'
import type { SkipReason } from '../core/delivery/skipped-span.ts'
import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { StartDraft } from '../core/subscription/subscription-draft.ts'
import type { Registry } from './registry.ts'
import type { StartPlace } from './start-place.ts'

/** Why reading begins somewhere; `skips`: what is noted of events that are left out by it. */
export interface StartCause {
  readonly reason: CatchUpReason
  readonly skips: SkipReason | null
}

/** How a subscription's reading begins. */
export interface ReadingStart extends StartPlace, StartCause {
  /** For some topics it begins later. */
  readonly isPartial: boolean
}

/** Where a start lies in the log. */
export interface StartLookUp {
  /** @param pointer to the start in what the client sent. @throws AppError `invalid_request` */
  placeOf(start: StartDraft, pointer: string): Promise<StartPlace>
}

/** The reading of the log for each subscription, by its number. Whatever resolves is durable. */
export interface Readings {
  /** How far everything of the subscription is settled. */
  settledTo(number: number): number
  place(number: number, beginning: ReadingStart): Promise<void>
  pauseCatchUp(number: number): Promise<void>
  resumeCatchUp(number: number): Promise<void>
  cancelCatchUp(number: number): Promise<void>
}

export interface SubscriptionReadingParts {
  readonly registry: Pick<Registry, 'now'>
  readonly starts: StartLookUp
  readonly readings: Readings
}

/** The records, as reading looks at and changes them. */
export interface ReadSubscriptions {
  /** @throws AppError `not_found` */
  get(owner: Owner, id: string): Subscription
  update(owner: Owner, id: string, next: (current: Subscription) => Subscription): Promise<Subscription>
}

/** From where the events of a subscription are read, as its owner decides. */
export class SubscriptionReading {
  readonly #parts: SubscriptionReadingParts
  readonly #subscriptions: ReadSubscriptions

  constructor(parts: SubscriptionReadingParts, subscriptions: ReadSubscriptions) {
    this.#parts = parts
    this.#subscriptions = subscriptions
  }

  /** Begins a new one, which is not stored yet. Resolves with what its record has to say of it. */
  async begin(number: number, start: StartDraft): Promise<StartPlace['topicFloors']> {
    const place = await this.#parts.starts.placeOf(start, '/start')
    await this.#place(number, place, { reason: 'start', skips: null })
    return place.topicFloors
  }

  /** Where a disabled one goes on when it is enabled; what lies before is left out, and noted. */
  async moveTo(owner: Owner, id: string, from: 'now' | { readonly time: string }): Promise<void> {
    const start = await this.#parts.starts.placeOf(from, '/from')
    const { number, status } = this.#subscriptions.get(owner, id)
    // Enabled by somebody else meanwhile, it has deliveries to make that must not be left out.
    if (status === 'active') return
    const skips = from === 'now' ? 'enabled_from_now' : 'enabled_from_time'
    await this.#place(number, { ...start, mode: 'own' }, { reason: 'enable', skips })
  }

  /** Resolves with the position after which everything is delivered again. */
  async rewind(owner: Owner, id: string, to: Exclude<StartDraft, 'now'>): Promise<number> {
    const { number } = this.#subscriptions.get(owner, id)
    const asked = await this.#parts.starts.placeOf(to, '/to')
    const start = notAfter(asked, this.#parts.readings.settledTo(number))
    const now = this.#parts.registry.now()
    await this.#subscriptions.update(owner, id, (current) => ({
      ...current,
      topicFloors: start.topicFloors,
      replayedAt: now,
      updatedAt: now,
    }))
    await this.#place(number, { ...start, mode: 'own' }, { reason: 'rewind', skips: null })
    return start.position
  }

  /** Until `resumeCatchUp` nothing is read for it, behind or not. @throws AppError `not_found`, `subscription_disabled` */
  async pauseCatchUp(owner: Owner, id: string): Promise<Subscription> {
    const subscription = this.#active(owner, id, 'nothing is read for it until it is enabled again')
    await this.#parts.readings.pauseCatchUp(subscription.number)
    return subscription
  }

  /** One that is not paused goes on as it does. @throws AppError `not_found`, `subscription_disabled` */
  async resumeCatchUp(owner: Owner, id: string): Promise<Subscription> {
    const subscription = this.#active(owner, id, 'enable it, and it goes on')
    await this.#parts.readings.resumeCatchUp(subscription.number)
    return subscription
  }

  /** Skips everything that the subscription is behind with, and records the span. @throws AppError `not_found`, `subscription_disabled` */
  async cancelCatchUp(owner: Owner, id: string): Promise<Subscription> {
    const subscription = this.#active(owner, id, 'to leave out what it is behind with, enable it from `now`')
    await this.#parts.readings.cancelCatchUp(subscription.number)
    return subscription
  }

  #place(number: number, place: StartPlace, cause: StartCause): Promise<void> {
    return this.#parts.readings.place(number, { ...place, ...cause, isPartial: place.topicFloors !== null })
  }

  #active(owner: Owner, id: string, advice: string): Subscription {
    const subscription = this.#subscriptions.get(owner, id)
    if (subscription.status === 'active') return subscription
    throw new AppError('subscription_disabled', `The subscription is disabled: ${advice}.`)
  }
}

/** A rewind goes back: what it names beyond the undelivered is not skipped. */
function notAfter(start: StartPlace, position: number): StartPlace {
  const floors = start.topicFloors && Object.entries(start.topicFloors)
  return {
    mode: start.mode,
    position: Math.min(start.position, position),
    topicFloors: floors && Object.fromEntries(floors.map(([topic, floor]) => [topic, Math.min(floor, position)])),
  }
}
