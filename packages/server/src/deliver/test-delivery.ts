import { attemptOutcome } from '../core/delivery/attempt-outcome.ts'
import type { WebhookPolicy } from '../core/dialect/dialect.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Sender } from '../send/sender.ts'
import type { TransportResult } from '../send/transport.ts'
import type { Contents } from './attempt.ts'
import type { PendingDelivery } from './queue/pending-delivery.ts'

export interface TestDeliveryDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly sender: Sender
  readonly contents: Contents
}

/** One request for an event that is not in the log, judged as an attempt is; nothing of it is kept. */
export async function sendTest(
  { clock, sender, contents }: TestDeliveryDeps,
  subscription: Subscription,
  policy: WebhookPolicy,
  event: StoredEvent,
): Promise<TransportResult> {
  const delivery: PendingDelivery = {
    event,
    sequence: null,
    attempts: 0,
    firstAttemptAtMs: null,
    origin: 'retry',
    isLive: false,
    whenSettled: null,
    mayHaveRow: false,
    offeredAtMs: clock.now(),
  }
  const input = await contents.inputOf(subscription, delivery)
  const result = await sender.send(subscription, () => [input], clock.now(), 'unknown')
  if (!result) throw new Error('a test delivery is always due')
  const outcome = attemptOutcome(policy, { ...result, attempts: 1, nowMs: clock.now(), random: 0 })
  return { ...result, error: outcome.kind === 'delivered' ? null : outcome.error }
}
