import { noTiming } from '../core/delivery/attempt-timing.ts'
import type { DeliveryInput } from '../core/dialect/dialect.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Sender } from '../send/sender.ts'
import type { TransportResult } from '../send/transport.ts'
import type { Lane } from './queue/lane.ts'
import type { PendingDelivery } from './queue/pending-delivery.ts'
import type { Turn } from './turns/turns.ts'

/** Who may be sent what, at this moment. */
export interface Permission {
  /** False: the event must not reach the subscription now (its tenant's grant is gone). */
  maySend(subscription: Subscription, event: StoredEvent): boolean
}

/** What goes into a request. */
export interface Contents {
  /** Everything that a dialect needs to write one delivery; a promise only where the entity has to be fetched. */
  inputOf(subscription: Subscription, delivery: PendingDelivery): DeliveryInput | Promise<DeliveryInput>
}

export interface AttemptDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly sender: Sender
  readonly permission: Permission
  readonly contents: Contents
  readonly onFailure: (error: unknown) => void
}

/** What became of one attempt. */
export interface Attempted {
  /** Deliveries that were sent. */
  readonly sent: readonly PendingDelivery[]
  /** Deliveries that must not be sent any more. */
  readonly withdrawn: readonly PendingDelivery[]
  /** Null: nothing was sent. */
  readonly result: TransportResult | null
  readonly startedMs: number
}

/** Makes one request of deliveries, of those that may be sent when it leaves. Never throws. */
export async function attempt(
  deps: AttemptDeps,
  turn: Turn<Lane>,
  deliveries: readonly PendingDelivery[],
): Promise<Attempted> {
  const { clock, onFailure } = deps
  const due = new Set(deliveries)
  const startedMs = clock.now()
  let result: TransportResult | null
  try {
    result = await request(deps, turn, due)
  } catch (error) {
    // A bug in an encoder must end this attempt and not the process: it would come back with the
    // same event at every start.
    onFailure(error)
    result = internalFailure
  }
  const withdrawn = due.size === deliveries.length ? [] : deliveries.filter((delivery) => !due.has(delivery))
  return { sent: result ? [...due] : [], withdrawn, result, startedMs }
}

/** Null: none of the deliveries may be sent any more. Those that may not are taken from `due`. */
async function request(
  { clock, sender, permission, contents }: AttemptDeps,
  { contender: lane, standing }: Turn<Lane>,
  due: Set<PendingDelivery>,
): Promise<TransportResult | null> {
  const { subscription } = lane
  const inputs = new Map<PendingDelivery, DeliveryInput>()
  for (const delivery of due) {
    if (!permission.maySend(subscription, delivery.event)) {
      due.delete(delivery)
      continue
    }
    const made = contents.inputOf(subscription, delivery)
    inputs.set(delivery, made instanceof Promise ? await made : made)
  }
  if (inputs.size === 0) return null
  /** What may be sent at this moment: entities, of others of a batch too, and a token may have taken seconds to come. */
  const stillDue = (): [DeliveryInput, ...DeliveryInput[]] | undefined => {
    if (lane.isClosed) return undefined
    const still: DeliveryInput[] = []
    for (const [delivery, input] of inputs) {
      if (permission.maySend(lane.subscription, delivery.event)) still.push(input)
      else due.delete(delivery)
    }
    const [first, ...others] = still
    return first && [first, ...others]
  }
  return (await sender.send(subscription, stillDue, clock.now(), standing)) ?? null
}

const internalFailure: TransportResult = {
  status: null,
  error: 'internal_error',
  body: null,
  retryAfter: null,
  headers: {},
  durationMs: 0,
  timing: noTiming,
  isCutShort: false,
}
