import type { Standing } from '../../core/delivery/standing.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { Clock } from '../../core/time/clock.ts'
import { afterFailure, afterSuccess, atTime, type Breaker } from './breaker.ts'
import { grown, shrunk } from './concurrency.ts'
import { EndpointHolds } from './endpoint-holds.ts'
import { type Contender, Entrant } from './entrant.ts'
import { hasFailedTooLong, isToBeNoted } from './failing.ts'
import { type Slot, Slots } from './slots.ts'
import { Starts } from './starts.ts'

/** A shorter hold is over about as soon as a restarted server would send again. */
const notedHoldMs = 60_000

/** Leave for one attempt; it is given back by `done`. */
export interface Turn<T extends Contender> extends Slot {
  readonly contender: T
  /** What was known of the endpoint when the turn was given. */
  readonly standing: Standing
}

/** How the attempt of a turn ended. */
export interface TurnOutcome {
  readonly isDelivered: boolean
  /** The answer was not read to its end. */
  readonly isCutShort: boolean
  readonly durationMs: number
  /** The endpoint asked for nothing to be sent before, in epoch milliseconds; null: it did not. */
  readonly holdUntilMs: number | null
}

/** What an outcome means for the subscription, where somebody must hear of it. */
export type OutcomeNews =
  /** Every attempt has failed since `sinceMs`, which is a minute ago or more. */
  | { readonly kind: 'failing'; readonly sinceMs: number }
  /** The first success after `failing`. */
  | { readonly kind: 'recovered' }
  /** It has failed for as long as its dialect allows. */
  | { readonly kind: 'failed too long' }
  /** Nothing is to be sent until then, which is a minute away or more. */
  | { readonly kind: 'held'; readonly untilMs: number }

export type TurnEvent<T> =
  /** `next` may give a turn that it did not give before. */
  | { readonly kind: 'ready' }
  /** Its breaker opened, or its endpoint is held: it begins nothing for a while. */
  | { readonly kind: 'resting'; readonly contender: T }

/** Until when nothing is sent to an endpoint. */
export interface EndpointRest {
  readonly untilMs: number
  /** The endpoint asked for it, by `Retry-After`; else it has failed again and again. */
  readonly isAskedFor: boolean
}

/**
 * Whose turn it is to make an attempt. Decides by slots, starts, the breaker, concurrency, rate and holds of each
 * endpoint, and learns from how attempts end; knows nothing of what is sent.
 */
export class Turns<T extends Contender> {
  readonly #clock: Clock
  readonly #entrants = new Map<T, Entrant<T>>()
  /** Those that may have something to begin, longest waiting first. */
  readonly #ready = new Set<Entrant<T>>()
  readonly #slots: Slots<Entrant<T>>
  readonly #starts: Starts<Entrant<T>>
  readonly #holds = new EndpointHolds()
  #listeners: ((event: TurnEvent<T>) => void)[] = []

  /** `attempts`: that may be under way at once, 4 or more. */
  constructor(clock: Clock, attempts: number) {
    this.#clock = clock
    this.#slots = new Slots(attempts)
    this.#starts = new Starts(clock, () => this.#tell({ kind: 'ready' }))
  }

  onEvent(listener: (event: TurnEvent<T>) => void): void {
    this.#listeners.push(listener)
  }

  /** Turns that were given and are not done. */
  get underWay(): number {
    return this.#slots.used
  }

  /** It takes part from now on, and keeps to what its endpoint asked for before a restart. */
  enter(contender: T): void {
    this.#entrants.set(contender, new Entrant(contender))
    this.#holds.recall(contender.subscription, this.#clock.now())
  }

  leave(contender: T): void {
    const entrant = this.#entrants.get(contender)
    if (!entrant) return
    this.#entrants.delete(contender)
    this.#ready.delete(entrant)
    this.#slots.forget(entrant)
    this.#starts.forget(entrant)
    entrant.alarm?.cancel()
  }

  /** It may have something to begin. */
  ready(contender: T): void {
    const entrant = this.#entrants.get(contender)
    if (entrant) this.#ready.add(entrant)
  }

  /** Whoever enables a subscription wants its endpoint tried at once. */
  release(subscription: Subscription): void {
    this.#holds.release(subscription)
    // Others of the endpoint wait for the end of the same hold.
    for (const entrant of this.#entrants.values()) {
      if (entrant.subscription.integrationId === subscription.integrationId) this.#ready.add(entrant)
    }
  }

  /** The next one that may begin an attempt; undefined: nobody may until a turn is done or `ready` is told. */
  next(): Turn<T> | undefined {
    for (let entrant = this.#candidate(); entrant; entrant = this.#candidate()) {
      if (!this.#mayBegin(entrant)) continue
      this.#starts.begun(entrant)
      // It may have more.
      this.#ready.add(entrant)
      return { contender: entrant.contender, ...this.#slots.occupy(entrant) }
    }
    return undefined
  }

  /** The attempt has ended; null: nothing was sent. */
  done(turn: Turn<T>, outcome: TurnOutcome | null): readonly OutcomeNews[] {
    this.#slots.free(turn)
    const entrant = this.#entrants.get(turn.contender)
    if (!entrant) return []
    this.#ready.add(entrant)
    if (!outcome) return []
    const news = this.#noteHold(entrant, outcome)
    const health = outcome.isDelivered ? this.#noteSuccess(entrant, outcome) : this.#noteFailure(entrant, outcome)
    return [...news, ...health]
  }

  /** Begins nothing more by itself. */
  stop(): void {
    for (const entrant of this.#entrants.values()) entrant.alarm?.cancel()
    this.#listeners = []
  }

  standingOf(contender: T): Standing {
    return this.#entrants.get(contender)?.standing ?? 'unknown'
  }

  breakerOf(contender: T): Breaker['state'] {
    return this.#entrants.get(contender)?.breaker.state ?? 'closed'
  }

  /** Until when nothing is sent to its endpoint; null: it may be tried. */
  restOf(contender: T, nowMs: number): EndpointRest | null {
    const entrant = this.#entrants.get(contender)
    if (!entrant) return null
    const breaker = atTime(entrant.breaker, nowMs)
    const heldUntilMs = this.#holds.untilMs(entrant.subscription, nowMs)
    const untilMs = Math.max(breaker.state === 'open' ? breaker.untilMs : 0, heldUntilMs)
    return untilMs > nowMs ? { untilMs, isAskedFor: untilMs === heldUntilMs } : null
  }

  #candidate(): Entrant<T> | undefined {
    const waited = this.#starts.next() ?? this.#slots.next()
    if (waited) return waited
    for (const entrant of this.#ready) {
      this.#ready.delete(entrant)
      return entrant
    }
    return undefined
  }

  /** False: something will make it a candidate again when it may. */
  #mayBegin(entrant: Entrant<T>): boolean {
    const { contender, subscription } = entrant
    // The end of an attempt makes it a candidate again.
    if (contender.inFlight >= entrant.allowance.allowed) return false
    if (subscription.status === 'disabled' && !contender.policy.retriesWhileDisabled) return false
    const nowMs = this.#clock.now()
    const readyAtMs = contender.readyAtMs(nowMs)
    if (readyAtMs === null) return false
    const heldUntilMs = this.#holds.untilMs(subscription, nowMs)
    if (heldUntilMs > 0) {
      // The caller may be in the middle of offering to it.
      queueMicrotask(() => this.#tell({ kind: 'resting', contender }))
      return this.#tryAt(entrant, heldUntilMs, nowMs)
    }
    entrant.breaker = atTime(entrant.breaker, nowMs)
    if (entrant.breaker.state === 'open') return this.#tryAt(entrant, entrant.breaker.untilMs, nowMs)
    if (entrant.breaker.state === 'half-open' && contender.inFlight > 0) return false
    if (readyAtMs > nowMs) return this.#tryAt(entrant, readyAtMs, nowMs)
    if (!this.#slots.isFreeFor(entrant) || !this.#starts.mayBegin(entrant)) return false
    const waitMs = entrant.takeRateToken(nowMs)
    return waitMs === 0 || this.#tryAt(entrant, nowMs + waitMs, nowMs)
  }

  #tryAt(entrant: Entrant<T>, atMs: number, nowMs: number): false {
    const { alarm } = entrant
    if (alarm && alarm.atMs <= atMs) return false
    alarm?.cancel()
    const cancel = this.#clock.schedule(Math.max(0, atMs - nowMs), () => {
      entrant.alarm = null
      this.#ready.add(entrant)
      this.#tell({ kind: 'ready' })
    })
    entrant.alarm = { atMs, cancel }
    return false
  }

  #noteHold({ subscription }: Entrant<T>, { holdUntilMs }: TurnOutcome): OutcomeNews[] {
    if (holdUntilMs === null) return []
    const nowMs = this.#clock.now()
    const beforeMs = this.#holds.untilMs(subscription, nowMs)
    this.#holds.hold(subscription, holdUntilMs, nowMs)
    // What was under way when it began is answered with almost the same time: written once is enough.
    return holdUntilMs - Math.max(beforeMs, nowMs) >= notedHoldMs ? [{ kind: 'held', untilMs: holdUntilMs }] : []
  }

  #noteSuccess(entrant: Entrant<T>, { isCutShort }: TurnOutcome): OutcomeNews[] {
    // An endpoint that accepts but never finishes its response stays in the slow group.
    entrant.hasSucceeded = !isCutShort
    entrant.breaker = afterSuccess()
    entrant.allowance = grown(entrant.allowance)
    entrant.failingSinceMs = null
    return entrant.subscription.failingSince === null ? [] : [{ kind: 'recovered' }]
  }

  #noteFailure(entrant: Entrant<T>, { durationMs }: TurnOutcome): OutcomeNews[] {
    const { contender, subscription } = entrant
    const nowMs = this.#clock.now()
    const wasOpen = entrant.breaker.state === 'open'
    entrant.breaker = afterFailure(entrant.breaker, nowMs)
    entrant.allowance = shrunk(entrant.allowance, durationMs)
    if (!wasOpen && entrant.breaker.state === 'open') this.#tell({ kind: 'resting', contender })
    const noted = subscription.failingSince
    const sinceMs = noted === null ? (entrant.failingSinceMs ?? nowMs) : Date.parse(noted)
    entrant.failingSinceMs = sinceMs
    const news: OutcomeNews[] = []
    if (noted === null && isToBeNoted(sinceMs, nowMs)) news.push({ kind: 'failing', sinceMs })
    const { breaker } = entrant
    const limitMs = contender.policy.disableAfterFailingMs
    if (subscription.status === 'active' && hasFailedTooLong({ limitMs, sinceMs, breaker, nowMs })) {
      news.push({ kind: 'failed too long' })
    }
    return news
  }

  #tell(event: TurnEvent<T>): void {
    for (const listener of this.#listeners) listener(event)
  }
}
