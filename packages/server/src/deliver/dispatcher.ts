import { attemptOutcome, endpointHoldUntilMs } from '../core/delivery/attempt-outcome.ts'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import { deliveryOf } from '../core/delivery/delivery.ts'
import type { WebhookPolicy } from '../core/dialect/dialect.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { scopesOf } from '../core/series/scope.ts'
import { countsOf } from '../core/series/tally.ts'
import type { Clock } from '../core/time/clock.ts'
import type { TransportResult } from '../send/transport.ts'
import { type AttemptDeps, type Attempted, attempt } from './attempt.ts'
import type { Entities } from './entities/entities.ts'
import { Lane } from './queue/lane.ts'
import { type PendingDelivery, settle, waitingRow } from './queue/pending-delivery.ts'
import type { Settlements, Tallied } from './settling/settlements.ts'
import type { OutcomeNews, Turn, TurnOutcome, Turns } from './turns/turns.ts'

export type DispatchEvent =
  /** What an endpoint's answers mean for its subscription. */
  | { readonly kind: 'news'; readonly subscription: Subscription; readonly news: OutcomeNews }
  /** Its dialect disables the subscription by this answer. */
  | { readonly kind: 'refused'; readonly subscription: Subscription; readonly reason: 'gone' | 'attempts_exhausted' }
  | { readonly kind: 'attempted'; readonly subscription: Subscription; readonly record: AttemptRecord }
  | LaneEvent

export type LaneEvent =
  /** From now on the subscription's deliveries can be offered. */
  | { readonly kind: 'opened'; readonly lane: Lane }
  /** Its subscription is gone: what it had queued is dropped, and nothing is kept of its attempts under way. */
  | { readonly kind: 'closed'; readonly lane: Lane }
  /** Its endpoint is left alone for a while: it must not hold others back. */
  | { readonly kind: 'resting'; readonly lane: Lane }

export interface DispatcherDeps extends AttemptDeps {
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly turns: Turns<Lane>
  readonly entities: Entities
  readonly settlements: Settlements
}

/** The lanes of all subscriptions. Whoever has the turn has a delivery taken, sent and settled. */
export class Dispatcher {
  readonly #deps: DispatcherDeps
  readonly #lanes = new Map<number, Lane>()
  readonly #listeners: ((event: DispatchEvent) => void)[] = []
  #isStopped = false
  #idle: (() => void)[] = []

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
    deps.turns.onEvent((event) => {
      if (event.kind === 'ready') this.#run()
      else this.#tell({ kind: 'resting', lane: event.contender })
    })
    deps.entities.onReady((lane) => this.#ready(lane))
  }

  onEvent(listener: (event: DispatchEvent) => void): void {
    this.#listeners.push(listener)
  }

  lane(number: number): Lane | undefined {
    return this.#lanes.get(number)
  }

  lanes(): Iterable<Lane> {
    return this.#lanes.values()
  }

  open(subscription: Subscription, policy: WebhookPolicy): Lane {
    const lane = new Lane(subscription, policy)
    this.#lanes.set(subscription.number, lane)
    this.#deps.turns.enter(lane)
    this.#deps.entities.configure(lane)
    this.#tell({ kind: 'opened', lane })
    return lane
  }

  /** The subscription has changed. */
  configure(lane: Lane, subscription: Subscription, policy: WebhookPolicy): void {
    const isEnabled = subscription.status === 'active' && lane.subscription.status !== 'active'
    lane.configure(subscription, policy)
    if (isEnabled) this.#deps.turns.release(subscription)
    this.#deps.entities.configure(lane)
    this.#ready(lane)
  }

  /** The subscription is gone: attempts under way end as they end, and nothing is kept of them. */
  close(lane: Lane): void {
    this.#lanes.delete(lane.number)
    lane.close()
    this.#deps.turns.leave(lane)
    this.#deps.entities.forget(lane)
    this.#tell({ kind: 'closed', lane })
  }

  /** False: the delivery is not due any more, because a newer one took its place. */
  offer(lane: Lane, delivery: PendingDelivery): boolean {
    const flow = this.#deps.entities.flowOf(lane)
    const isTaken = flow ? flow.offer(delivery) : true
    if (!flow) lane.push(delivery)
    this.#ready(lane)
    return isTaken
  }

  /** Begins no further attempt; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#deps.turns.stop()
    this.#deps.entities.stop()
    if (this.#deps.turns.underWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #ready(lane: Lane): void {
    this.#deps.turns.ready(lane)
    this.#run()
  }

  #run(): void {
    while (!this.#isStopped) {
      const turn = this.#deps.turns.next()
      if (!turn) return
      void this.#take(turn)
    }
  }

  async #take(turn: Turn<Lane>): Promise<void> {
    const lane = turn.contender
    const deliveries = lane.take()
    let outcome: TurnOutcome | null = null
    try {
      if (deliveries) outcome = await this.#attempt(turn, deliveries)
    } finally {
      if (deliveries) lane.release()
      this.#done(turn, outcome)
    }
  }

  /** Null: nothing was sent, or nobody wants to know. */
  async #attempt(turn: Turn<Lane>, deliveries: readonly PendingDelivery[]): Promise<TurnOutcome | null> {
    const lane = turn.contender
    const attempted = await attempt(this.#deps, turn, deliveries)
    if (lane.isClosed) return null
    for (const delivery of attempted.withdrawn) this.#giveUp(lane, delivery)
    return this.#settle(lane, attempted)
  }

  #done(turn: Turn<Lane>, outcome: TurnOutcome | null): void {
    const { turns } = this.#deps
    const { subscription } = turn.contender
    for (const news of turns.done(turn, outcome)) this.#tell({ kind: 'news', subscription, news })
    if (turns.underWay === 0) for (const resolve of this.#idle.splice(0)) resolve()
    this.#run()
  }

  /** Null: nothing was sent. */
  #settle(lane: Lane, { sent, result, startedMs }: Attempted): TurnOutcome | null {
    if (!result) return null
    for (const delivery of sent) this.#settleOne(lane, delivery, result, startedMs)
    const { status, error, retryAfter, durationMs, isCutShort } = result
    const nowMs = this.#deps.clock.now()
    const facts = { status, error, retryAfter, nowMs }
    const isDelivered = attemptOutcome(lane.policy, { ...facts, attempts: 1, random: 0 }).kind === 'delivered'
    return { isDelivered, isCutShort, durationMs, holdUntilMs: endpointHoldUntilMs(lane.policy, facts) }
  }

  #settleOne(lane: Lane, delivery: PendingDelivery, result: TransportResult, startedMs: number): void {
    const { settlements, entities, clock, random } = this.#deps
    const nowMs = clock.now()
    delivery.attempts += 1
    delivery.firstAttemptAtMs ??= startedMs
    const { status, error, retryAfter } = result
    const { attempts } = delivery
    const outcome = attemptOutcome(lane.policy, { status, error, retryAfter, attempts, nowMs, random: random() })
    const row = waitingRow(lane.number, delivery, nowMs)
    const record: AttemptRecord = {
      ...deliveryOf(row),
      attempt: attempts,
      atMs: startedMs,
      durationMs: result.durationMs,
      timing: result.timing,
      status,
      error: outcome.kind === 'delivered' ? null : outcome.error,
      body: result.body,
      answerHeaders: outcome.kind === 'delivered' ? null : headersText(result.headers),
      outcome: outcome.kind === 'retry' ? 'waiting' : outcome.kind,
    }
    settlements.attempted(record, talliedOf(lane.subscription, delivery, record))
    const flow = entities.flowOf(lane)
    switch (outcome.kind) {
      case 'delivered':
        if (delivery.mayHaveRow) settlements.cleared(row)
        break
      case 'retry':
        {
          const waiting = { ...row, dueAtMs: outcome.dueAtMs }
          if (flow) flow.wait(waiting)
          else settlements.waits(waiting)
        }
        break
      case 'failed':
        settlements.ended({ ...row, status: 'failed' })
        break
      default:
        outcome satisfies never
    }
    settle(delivery)
    flow?.end(delivery, outcome)
    this.#tell({ kind: 'attempted', subscription: lane.subscription, record })
    if (outcome.kind === 'failed' && outcome.disable) {
      this.#tell({ kind: 'refused', subscription: lane.subscription, reason: outcome.disable })
    }
  }

  #giveUp(lane: Lane, delivery: PendingDelivery): void {
    const { partition, position } = delivery.event
    this.#deps.settlements.cleared({ subscription: lane.number, partition, position })
    settle(delivery)
    this.#deps.entities.flowOf(lane)?.giveUp(delivery)
  }

  #tell(event: DispatchEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

/** The latency of a delivery says something of the server where nothing but the server and the receiver took time. */
function talliedOf(subscription: Subscription, { event, isLive }: PendingDelivery, record: AttemptRecord): Tallied {
  const isTimed = isLive && record.attempt === 1 && record.outcome === 'delivered'
  const latencyMs = isTimed ? Math.max(0, record.atMs + record.durationMs - event.appendedAtMs) : null
  return { scopes: scopesOf(subscription), counts: countsOf(record, latencyMs) }
}

function headersText(headers: Readonly<Record<string, string>>): string | null {
  const text = JSON.stringify(headers)
  return text === '{}' ? null : text
}
