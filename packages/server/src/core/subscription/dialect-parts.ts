import type { DialectRecord, Subscription } from '../registry/registry.ts'
import type { MadeSecret } from './secret-rotation.ts'
import type { SubscriptionDraft } from './subscription-draft.ts'

/** A dialect's document as it was read. What is written with it is refused when somebody changed or dropped it since. */
export interface GuardedRecord {
  readonly record: DialectRecord
  readonly revision: number
}

/** Ids and secrets that a dialect brings instead of having them generated. */
export interface OwnParts {
  readonly secret?: MadeSecret
  readonly id?: string
  /** What the dialect keeps beside the settings that a client may give. */
  readonly settings?: Subscription['settings']
  /** Have to be as they were read, when the subscription is written. */
  readonly beside?: readonly GuardedRecord[]
  /** It begins disabled. */
  readonly disabledReason?: string
}

/** A draft, and what a dialect says of it beyond that. */
export interface WantedSubscription {
  readonly draft: SubscriptionDraft
  readonly own?: OwnParts
}

/** A subscription that is stored, and its secret as it is shown once; null: there is nothing to show. */
export interface CreatedSubscription {
  readonly subscription: Subscription
  readonly signingSecret: string | null
}

export interface SubscriptionChange {
  readonly id: string
  readonly draft: SubscriptionDraft
  /** Changes what a draft cannot say, and may throw to refuse; asked again if somebody else was faster. */
  readonly also?: (changed: Subscription, before: Subscription) => Subscription
}

/** What a change of a dialect's documents writes, in one commit. */
export interface RecordsChange<T> {
  readonly put?: readonly DialectRecord[]
  /** Ids of documents. */
  readonly drop?: readonly string[]
  /** Subscriptions that follow from the documents, as they are from now on. */
  readonly subscriptions?: readonly Subscription[]
  /** Ids of subscriptions. */
  readonly dropSubscriptions?: readonly string[]
  readonly result: T
}
