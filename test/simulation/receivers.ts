import { noTiming } from '../../packages/server/src/core/delivery/attempt-timing.ts'
import type { Sender } from '../../packages/server/src/send/sender.ts'
import type { TransportResult } from '../../packages/server/src/send/transport.ts'
import type { Random } from './random.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** One request as a receiver saw it. */
export interface Received {
  readonly subscription: number
  readonly position: number
  readonly deliveryId: string
  readonly sequence: number | null
  readonly type: string
  readonly entity: string
  readonly isAccepted: boolean
  readonly atMs: number
}

export interface Receiver {
  failure: number
  slowMs: number
  deadUntilMs: number
}

/** The other side of the wire: each subscription's receiver, which refuses, dawdles and dies as the dice fall. */
export class Receivers {
  readonly received: Received[] = []
  readonly #bySubscription = new Map<number, Receiver>()
  readonly #clock: VirtualClock
  readonly #random: Random

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  add(subscription: number): void {
    this.#bySubscription.set(subscription, { failure: 0, slowMs: 1, deadUntilMs: 0 })
  }

  of(subscription: number): Receiver {
    return this.#bySubscription.get(subscription)!
  }

  /** How a process of the server reaches them. */
  senderOf(process: { readonly isAlive: boolean }): Sender {
    return {
      send: (subscription, due) =>
        new Promise<TransportResult | undefined>((resolve) => {
          const deliveries = due()
          if (!deliveries) return resolve(undefined)
          const receiver = this.of(subscription.number)
          const latencyMs = this.#random.between(0, receiver.slowMs)
          const arrivesMs = Math.floor(latencyMs / 2)
          this.#clock.schedule(arrivesMs, () => {
            // What a killed process had not sent yet is never sent.
            if (!process.isAlive) return
            const isDead = this.#clock.now() < receiver.deadUntilMs
            const isAccepted = !isDead && !this.#random.chance(receiver.failure)
            for (const { event, deliveryId, sequence } of deliveries) {
              this.received.push({
                subscription: subscription.number,
                position: event.position,
                deliveryId,
                sequence,
                type: event.type,
                entity: `${event.type.split('.')[0]} ${event.entityKey}`,
                isAccepted,
                atMs: this.#clock.now(),
              })
            }
            this.#clock.schedule(latencyMs - arrivesMs, () => {
              if (!process.isAlive) return
              resolve({
                status: isDead ? null : isAccepted ? 200 : this.#random.pick([500, 503, 429]),
                error: isDead ? 'connection_refused' : null,
                body: '',
                retryAfter: null,
                headers: {},
                durationMs: latencyMs,
                timing: noTiming,
                isCutShort: false,
              })
            })
          })
        }),
    }
  }
}
