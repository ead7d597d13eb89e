import type { DeliveryKey } from '../core/delivery/delivery.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { eventId } from '../core/event/event-fields.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { HistoryStore } from '../deliver/history/history-store.ts'
import type { EventStanding } from '../follow/event-standing.ts'
import {
  type CompiledSubscription,
  type GrantRefusal,
  grantRefusal,
  matchRefusal,
} from '../match/compiled-subscription.ts'
import type { Grants } from '../match/grants.ts'
import { detailOf, expiredDetail } from './detail.ts'
import type { Facts, GrantFacts, GrantRecords } from './facts.ts'
import { type Mend, mendsOf } from './mend.ts'
import { isDue, type Reason } from './reason.ts'
import { isAhead, verdictOf } from './verdict.ts'

/** Why one event did or did not arrive at one subscription. */
export interface Explanation {
  /** The subscription's id. */
  readonly subscription: string
  /** The event's id; of one that is gone, what it was asked for by. */
  readonly event: string
  readonly due: boolean
  readonly reason: Reason
  readonly detail: string
  /** The delivery's id, where there is one. */
  readonly delivery: string | null
  readonly mend: readonly Mend[]
}

/** Whoever reads the log for subscriptions and delivers to them. */
export interface ExplainedReaders {
  /** A subscription as it is matched now. */
  compiled(subscription: Subscription): CompiledSubscription
  eventStandingOf(subscription: Subscription, event: StoredEvent): EventStanding
  /** Resolves when everything that was settled is in the history. */
  flush(): Promise<void>
}

export interface ExplainerDeps {
  readonly grants: Grants
  readonly history: Pick<HistoryStore, 'find'>
  readonly grantRecords: GrantRecords
  readonly readers: ExplainedReaders
  readonly deliveryIdOf: (key: DeliveryKey) => string
}

/** Gathers what is known of an event and a subscription, and says why it did or did not arrive. */
export class Explainer {
  readonly #deps: ExplainerDeps

  constructor(deps: ExplainerDeps) {
    this.#deps = deps
  }

  async explain(subscription: Subscription, event: StoredEvent): Promise<Explanation> {
    const facts = await this.#factsOf(subscription, event)
    const reason = verdictOf(facts)
    const { partition, position } = event
    const deliveryId = this.#deps.deliveryIdOf({ subscription: subscription.number, partition, position })
    return {
      subscription: subscription.id,
      event: eventId(event),
      due: isDue[reason],
      reason,
      detail: detailOf(reason, facts),
      delivery: facts.delivery ? deliveryId : null,
      mend: mendsOf(reason, facts, deliveryId),
    }
  }

  async #factsOf(subscription: Subscription, event: StoredEvent): Promise<Facts> {
    const { grants, history, readers } = this.#deps
    // Before the store is asked: what is settled meanwhile is found there, and what is not is known here.
    const standing = readers.eventStandingOf(subscription, event)
    const matched = readers.compiled(subscription)
    const refusal = matchRefusal(matched, event, grants)
    const refused = grantRefusal(subscription, event, grants)
    const { partition, position } = event
    await readers.flush()
    const delivery = await history.find({ subscription: subscription.number, partition, position })
    // The grants of then are gone through only where nothing else explains it.
    const isUnexplained = refusal === null && !delivery && !standing.isPending && !isAhead(standing, event)
    const wasWithheld =
      isUnexplained && matchRefusal(matched, event, this.#grantsOfThen(subscription, event)) === 'not_granted'
    return {
      subscription,
      event,
      refusal,
      grantRefusal: refused,
      wasWithheld,
      unmet: refusal === 'filtered' ? (matched.filter?.unmet(event) ?? []) : [],
      standing,
      delivery,
      grants: await this.#grantFacts(subscription, event, wasWithheld || isOfGrant(refused)),
    }
  }

  async #grantFacts(
    { integrationId, tenants }: Subscription,
    event: StoredEvent,
    isTold: boolean,
  ): Promise<GrantFacts> {
    const { grants, grantRecords } = this.#deps
    const { tenantId, type } = event
    const tenantIds = tenants.kind === 'granted' ? [tenantId] : [...grants.lineage(tenantId)]
    return {
      isTenantKnown: grantRecords.isTenantKnown(tenantId),
      since: grantRecords.since(integrationId, tenantIds, type),
      end: isTold ? await grantRecords.lastEnd(integrationId, tenantIds) : null,
    }
  }

  #grantsOfThen({ integrationId }: Subscription, { appendedAtMs }: StoredEvent): Grants {
    return this.#deps.grantRecords.at(integrationId, appendedAtMs)
  }
}

function isOfGrant(refused: GrantRefusal | null): boolean {
  return refused === 'no_grant' || refused === 'type_not_granted'
}

/** Of an event that the log has not any more: nothing but that is known of it. */
export function expired(subscription: Subscription, reference: string): Explanation {
  const reason = 'expired'
  return {
    subscription: subscription.id,
    event: reference,
    due: isDue[reason],
    reason,
    detail: expiredDetail,
    delivery: null,
    mend: [],
  }
}
