import { attemptOutcome, endpointHoldUntilMs } from '../core/delivery/attempt-outcome.ts'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import { deliveryOf } from '../core/delivery/delivery.ts'
import type { DeliveryInput } from '../core/dialect/dialect.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Sender } from '../send/sender.ts'
import type { TransportResult } from '../send/transport.ts'
import { EndpointHolds } from './endpoint-holds.ts'
import { EntityFlow } from './entities/entity-flow.ts'
import type { Lane } from './lane.ts'
import { type PendingDelivery, settle, waitingRow } from './pending-delivery.ts'
import type { Settlements } from './settlements.ts'
import { standingOf } from './standing.ts'
import { afterFailure, afterSuccess } from './turns/breaker.ts'
import { grown, shrunk } from './turns/concurrency.ts'
import { hasFailedTooLong, isToBeNoted } from './turns/failing.ts'
import type { Slots } from './turns/slots.ts'
import { Starts } from './turns/starts.ts'

/** What the dispatcher tells of a subscription's health. */
export interface HealthListener {
  /** Every attempt has failed since `sinceMs`, which is a minute ago or more. */
  failing(subscription: Subscription, sinceMs: number): void
  /** The first success after `failing`. */
  recovered(subscription: Subscription): void
  /** It must be disabled: `gone`, `attempts_exhausted` or `failing`. */
  mustDisable(subscription: Subscription, reason: 'gone' | 'attempts_exhausted' | 'failing'): void
  /** Its endpoint asked for nothing to be sent until then, which is a minute away or more. */
  held(subscription: Subscription, untilMs: number): void
  /** Its breaker opened, or its endpoint is held: it must not hold the shared watermark back. */
  opened(lane: Lane): void
}

export interface DispatcherDeps {
  readonly clock: Clock
  readonly random: () => number
  readonly sender: Sender
  readonly settlements: Settlements
  readonly slots: Slots
  readonly health: HealthListener
  /** False: the event must not reach the subscription now (its tenant's grant is gone). */
  readonly maySend: (subscription: Subscription, delivery: PendingDelivery) => boolean
  readonly inputOf: (subscription: Subscription, delivery: PendingDelivery) => DeliveryInput | Promise<DeliveryInput>
  readonly observe: (record: AttemptRecord, subscription: Subscription) => void
  readonly onFailure: (error: unknown) => void
}

/** Starts attempts while lanes have deliveries and slots are free, and settles what comes back. */
export class Dispatcher {
  readonly #deps: DispatcherDeps
  readonly #timers = new Map<Lane, { atMs: number; cancel: () => void }>()
  readonly #failingSince = new Map<Lane, number>()
  readonly #holds = new EndpointHolds()
  readonly #entities: EntityFlow
  readonly #starts: Starts
  #isStopped = false
  #idle: (() => void)[] = []

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
    this.#starts = new Starts(deps.clock, (lane) => this.pump(lane))
    this.#entities = new EntityFlow({ ...deps, pump: (lane) => this.pump(lane) })
  }

  /** False: the delivery is not due any more, because a newer one took its place. */
  offer(lane: Lane, delivery: PendingDelivery): boolean {
    let isTaken = true
    if (lane.ledger) isTaken = this.#entities.offer(lane, lane.ledger, delivery)
    else lane.offer(delivery)
    this.pump(lane)
    return isTaken
  }

  /** The lane's ledger is filled: what came meanwhile takes its turn now that its elders are known. */
  resume(lane: Lane): void {
    if (lane.ledger) this.#entities.resume(lane, lane.ledger)
    for (const delivery of [...lane.dropRetries(), ...lane.dropFresh()]) this.offer(lane, delivery)
  }

  /** Begins what may begin now. */
  pump(lane: Lane): void {
    for (;;) {
      if (this.#isStopped || lane.isRemoved || lane.queued === 0) return
      if (lane.subscription.status === 'disabled' && !lane.policy.retriesWhileDisabled) return
      // Asked before a slot and a start are: they are for those that may use them.
      const heldUntilMs = this.heldUntilMs(lane)
      if (heldUntilMs > 0) {
        queueMicrotask(() => this.#deps.health.opened(lane))
        this.#pumpAt(lane, heldUntilMs)
        return
      }
      if (!this.#deps.slots.isFreeFor(lane) || !this.#starts.mayBegin(lane)) return
      const take = lane.take(this.#deps.clock.now())
      switch (take.kind) {
        case 'nothing':
          return
        case 'later':
          this.#pumpAt(lane, take.atMs)
          return
        case 'take':
          this.#starts.begun(lane)
          void this.#attempt(lane, take.deliveries)
          break
        default:
          take satisfies never
      }
    }
  }

  /** Until when the lane's endpoint is to be left alone; 0: it may be tried. */
  heldUntilMs(lane: Lane): number {
    lane.heldUntilMs = this.#holds.untilMs(lane.subscription, this.#deps.clock.now())
    return lane.heldUntilMs
  }

  /** A lane takes up what its endpoint asked for before a restart. */
  recallHold(subscription: Subscription): void {
    this.#holds.recall(subscription, this.#deps.clock.now())
  }

  /** Whoever enables a subscription wants its endpoint tried at once. */
  releaseHold(subscription: Subscription): void {
    this.#holds.release(subscription)
  }

  forget(lane: Lane): void {
    lane.isRemoved = true
    this.#timers.get(lane)?.cancel()
    this.#timers.delete(lane)
    this.#failingSince.delete(lane)
    this.#deps.slots.forget(lane)
    this.#starts.forget(lane)
    lane.room.wake()
  }

  /** Begins no further attempt; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    if (this.#deps.slots.used > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #pumpAt(lane: Lane, atMs: number): void {
    const timer = this.#timers.get(lane)
    if (timer && timer.atMs <= atMs) return
    timer?.cancel()
    const cancel = this.#deps.clock.schedule(Math.max(0, atMs - this.#deps.clock.now()), () => {
      this.#timers.delete(lane)
      this.pump(lane)
    })
    this.#timers.set(lane, { atMs, cancel })
  }

  async #attempt(lane: Lane, deliveries: readonly [PendingDelivery, ...PendingDelivery[]]): Promise<void> {
    const release = this.#deps.slots.occupy(lane)
    try {
      await this.#send(lane, deliveries)
    } finally {
      lane.release()
      release()
      for (let next = this.#deps.slots.next(); next; next = this.#deps.slots.next()) this.pump(next)
      if (this.#deps.slots.used === 0) for (const resolve of this.#idle.splice(0)) resolve()
    }
    if (lane.hasRoom) lane.room.wake()
    this.pump(lane)
  }

  async #send(lane: Lane, deliveries: readonly PendingDelivery[]): Promise<void> {
    const due = new Set(deliveries)
    const startedMs = this.#deps.clock.now()
    let result: TransportResult | undefined
    try {
      result = await this.#request(lane, due)
    } catch (error) {
      // A bug in an encoder must end this attempt and not the process: it would come back with the
      // same event at every start.
      this.#deps.onFailure(error)
      result = internalFailure
    }
    if (lane.isRemoved || !result) return
    for (const delivery of due) this.#settle(lane, delivery, result, startedMs)
    this.#noteHold(lane, result)
    this.#noteHealth(lane, result)
  }

  /** Undefined: none of the deliveries may be sent any more. Those that may not are taken from `due`. */
  async #request(lane: Lane, due: Set<PendingDelivery>): Promise<TransportResult | undefined> {
    const { clock, sender, maySend, inputOf } = this.#deps
    const { subscription } = lane
    const inputs = new Map<PendingDelivery, DeliveryInput>()
    for (const delivery of due) {
      if (!maySend(subscription, delivery)) {
        this.#withdraw(lane, due, delivery)
        continue
      }
      const made = inputOf(subscription, delivery)
      inputs.set(delivery, made instanceof Promise ? await made : made)
    }
    if (inputs.size === 0) return undefined
    return sender.send(subscription, () => this.#stillDue(lane, due, inputs), clock.now(), standingOf(lane))
  }

  /** What may be sent at this moment: entities, of others of a batch too, and a token may have taken seconds to come. */
  #stillDue(
    lane: Lane,
    due: Set<PendingDelivery>,
    inputs: ReadonlyMap<PendingDelivery, DeliveryInput>,
  ): [DeliveryInput, ...DeliveryInput[]] | undefined {
    if (lane.isRemoved) return undefined
    const still: DeliveryInput[] = []
    for (const [delivery, input] of inputs) {
      if (this.#deps.maySend(lane.subscription, delivery)) still.push(input)
      else this.#withdraw(lane, due, delivery)
    }
    const [first, ...others] = still
    return first && [first, ...others]
  }

  #withdraw(lane: Lane, due: Set<PendingDelivery>, delivery: PendingDelivery): void {
    due.delete(delivery)
    this.#giveUp(lane, delivery)
  }

  #settle(lane: Lane, delivery: PendingDelivery, result: TransportResult, startedMs: number): void {
    const { settlements } = this.#deps
    const nowMs = this.#deps.clock.now()
    delivery.attempts += 1
    delivery.firstAttemptAtMs ??= startedMs
    const outcome = attemptOutcome(lane.policy, {
      status: result.status,
      error: result.error,
      retryAfter: result.retryAfter,
      attempts: delivery.attempts,
      nowMs,
      random: this.#deps.random(),
    })
    const row = waitingRow(lane.subscription.number, delivery, nowMs)
    const record: AttemptRecord = {
      ...deliveryOf(row),
      attempt: delivery.attempts,
      atMs: startedMs,
      durationMs: result.durationMs,
      status: result.status,
      error: outcome.kind === 'delivered' ? null : outcome.error,
      body: result.body,
      outcome: outcome.kind === 'retry' ? 'waiting' : outcome.kind,
    }
    settlements.attempted(record)
    switch (outcome.kind) {
      case 'delivered':
        if (delivery.mayHaveRow) settlements.cleared(row)
        break
      case 'retry':
        {
          const waiting = { ...row, dueAtMs: outcome.dueAtMs }
          if (lane.ledger) this.#entities.wait(lane, lane.ledger, waiting)
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
    if (lane.ledger) this.#entities.end(lane, lane.ledger, delivery, outcome)
    this.#deps.observe(record, lane.subscription)
    if (outcome.kind === 'failed' && outcome.disable) this.#deps.health.mustDisable(lane.subscription, outcome.disable)
  }

  #giveUp(lane: Lane, delivery: PendingDelivery): void {
    const { partition, position } = delivery.event
    this.#deps.settlements.cleared({ subscription: lane.subscription.number, partition, position })
    settle(delivery)
    if (lane.ledger) this.#entities.giveUp(lane, lane.ledger, delivery)
  }

  #noteHold(lane: Lane, result: TransportResult): void {
    const nowMs = this.#deps.clock.now()
    const untilMs = endpointHoldUntilMs(lane.policy, { ...result, nowMs })
    if (untilMs === null) return
    const beforeMs = this.heldUntilMs(lane)
    this.#holds.hold(lane.subscription, untilMs, nowMs)
    // What was under way when it began is answered with almost the same time: written once is enough.
    if (untilMs - Math.max(beforeMs, nowMs) >= notedHoldMs) this.#deps.health.held(lane.subscription, untilMs)
  }

  #noteHealth(lane: Lane, result: TransportResult): void {
    const nowMs = this.#deps.clock.now()
    if (isDelivered(lane, result)) {
      // An endpoint that accepts but never finishes its response stays in the slow group.
      lane.hasSucceeded = !result.isCutShort
      lane.breaker = afterSuccess()
      lane.allowance = grown(lane.allowance)
      this.#failingSince.delete(lane)
      if (lane.subscription.failingSince !== null) this.#deps.health.recovered(lane.subscription)
      return
    }
    const wasOpen = lane.breaker.state === 'open'
    lane.breaker = afterFailure(lane.breaker, nowMs)
    lane.allowance = shrunk(lane.allowance, result.durationMs)
    if (!wasOpen && lane.breaker.state === 'open') this.#deps.health.opened(lane)
    const noted = lane.subscription.failingSince
    const sinceMs = noted === null ? (this.#failingSince.get(lane) ?? nowMs) : Date.parse(noted)
    this.#failingSince.set(lane, sinceMs)
    if (noted === null && isToBeNoted(sinceMs, nowMs)) this.#deps.health.failing(lane.subscription, sinceMs)
    const limitMs = lane.policy.disableAfterFailingMs
    if (lane.subscription.status === 'active' && hasFailedTooLong({ limitMs, sinceMs, breaker: lane.breaker, nowMs })) {
      this.#deps.health.mustDisable(lane.subscription, 'failing')
    }
  }
}

/** A shorter hold is over about as soon as a restarted server would send again. */
const notedHoldMs = 60_000

const internalFailure: TransportResult = {
  status: null,
  error: 'internal_error',
  body: null,
  retryAfter: null,
  headers: {},
  durationMs: 0,
  isCutShort: false,
}

function isDelivered(lane: Lane, result: TransportResult): boolean {
  const outcome = attemptOutcome(lane.policy, { ...result, attempts: 1, nowMs: 0, random: 0 })
  return outcome.kind === 'delivered'
}
