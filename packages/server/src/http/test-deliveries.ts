import type { Catalogue } from '../catalogue/catalogue.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import { testEvent } from '../match/test-event.ts'
import type { Directory } from '../registry/directory.ts'

/** What a test delivery came back with. */
export interface TestResult {
  readonly status: number | null
  readonly error: string | null
  readonly durationMs: number
  readonly body: string | null
}

/** Sends one event now, past everything that waits. */
export interface TestSender {
  test(subscription: Subscription, event: StoredEvent): Promise<TestResult>
}

export interface TestDeliveriesParts {
  readonly directory: Directory
  readonly catalogue: () => Catalogue
  readonly clock: Pick<Clock, 'now'>
  readonly sender: TestSender
}

/** Test deliveries: an event made up for a subscription, of a tenant that it may see. */
export class TestDeliveries {
  readonly #parts: TestDeliveriesParts

  constructor(parts: TestDeliveriesParts) {
    this.#parts = parts
  }

  /** @param type undefined: one that the subscription asks for. @throws AppError `invalid_request` for one that it cannot get */
  async test(subscription: Subscription, type: string | undefined): Promise<TestResult> {
    const { directory, catalogue, clock, sender } = this.#parts
    const [granted] = directory.grantedTenants(subscription.integrationId, clock.now())
    const event = testEvent(subscription, {
      types: [...catalogue().types(subscription.dialect)],
      tenantId: subscription.boundTenantId ?? granted,
      asked: type,
      nowMs: clock.now(),
    })
    const { status, durationMs, body, error } = await sender.test(subscription, event)
    return { status, error, durationMs, body }
  }
}
