import type { Owner } from '../core/credential/caller.ts'
import type { CatchUpReason } from '../core/delivery/catch-up.ts'
import type { SkipReason } from '../core/delivery/skipped-span.ts'
import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { StartDraft } from '../core/subscription/subscription-draft.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { StartPlace } from './start-place.ts'

/** Why reading begins somewhere; `skips`: what is noted of events that are left out by it. */
export interface StartCause {
  readonly reason: CatchUpReason
  readonly skips: SkipReason | null
}

export interface SubscriptionReadingDeps {
  readonly nowMs: () => number
  /** `pointer`: to the start in what the client sent. @throws AppError `invalid_request` */
  readonly startOf: (start: StartDraft, pointer: string) => Promise<StartPlace>
  /** How far everything of the subscription is settled. */
  readonly settledTo: (number: number) => number
  /** Makes the beginning of its reading durable. */
  readonly place: (number: number, start: StartPlace, cause: StartCause) => Promise<void>
  readonly pauseCatchUp: (number: number) => Promise<void>
  readonly resumeCatchUp: (number: number) => Promise<void>
  readonly cancelCatchUp: (number: number) => Promise<void>
}

/** The records, as reading looks at and changes them. */
export interface ReadSubscriptions {
  /** @throws AppError `not_found` */
  get(owner: Owner, id: string): Subscription
  update(owner: Owner, id: string, next: (current: Subscription) => Subscription): Promise<Subscription>
}

/** From where the events of a subscription are read, as its owner decides. */
export class SubscriptionReading {
  readonly #deps: SubscriptionReadingDeps
  readonly #subscriptions: ReadSubscriptions

  constructor(deps: SubscriptionReadingDeps, subscriptions: ReadSubscriptions) {
    this.#deps = deps
    this.#subscriptions = subscriptions
  }

  /** Begins a new one, which is not stored yet. Resolves with what its record has to say of it. */
  async begin(number: number, start: StartDraft): Promise<StartPlace['topicFloors']> {
    const place = await this.#deps.startOf(start, '/start')
    await this.#deps.place(number, place, { reason: 'start', skips: null })
    return place.topicFloors
  }

  /** Where a disabled one goes on when it is enabled; what lies before is left out, and noted. */
  async moveTo(owner: Owner, id: string, from: 'now' | { readonly time: string }): Promise<void> {
    const start = await this.#deps.startOf(from, '/from')
    const { number, status } = this.#subscriptions.get(owner, id)
    // Enabled by somebody else meanwhile, it has deliveries to make that must not be left out.
    if (status === 'active') return
    const skips = from === 'now' ? 'enabled_from_now' : 'enabled_from_time'
    await this.#deps.place(number, { ...start, mode: 'own' }, { reason: 'enable', skips })
  }

  /** Resolves with the position after which everything is delivered again. */
  async rewind(owner: Owner, id: string, to: Exclude<StartDraft, 'now'>): Promise<number> {
    const { number } = this.#subscriptions.get(owner, id)
    const asked = await this.#deps.startOf(to, '/to')
    const start = notAfter(asked, this.#deps.settledTo(number))
    const now = formatRfc3339(this.#deps.nowMs())
    await this.#subscriptions.update(owner, id, (current) => ({
      ...current,
      topicFloors: start.topicFloors,
      replayedAt: now,
      updatedAt: now,
    }))
    await this.#deps.place(number, { ...start, mode: 'own' }, { reason: 'rewind', skips: null })
    return start.position
  }

  /** Until `resumeCatchUp` nothing is read for it, behind or not. @throws AppError `not_found`, `subscription_disabled` */
  async pauseCatchUp(owner: Owner, id: string): Promise<Subscription> {
    const subscription = this.#active(owner, id, 'nothing is read for it until it is enabled again')
    await this.#deps.pauseCatchUp(subscription.number)
    return subscription
  }

  /** One that is not paused goes on as it does. @throws AppError `not_found`, `subscription_disabled` */
  async resumeCatchUp(owner: Owner, id: string): Promise<Subscription> {
    const subscription = this.#active(owner, id, 'enable it, and it goes on')
    await this.#deps.resumeCatchUp(subscription.number)
    return subscription
  }

  /** Skips everything that the subscription is behind with, and records the span. @throws AppError `not_found`, `subscription_disabled` */
  async cancelCatchUp(owner: Owner, id: string): Promise<Subscription> {
    const subscription = this.#active(owner, id, 'to leave out what it is behind with, enable it from `now`')
    await this.#deps.cancelCatchUp(subscription.number)
    return subscription
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
