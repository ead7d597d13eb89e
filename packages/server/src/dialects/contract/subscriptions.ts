import type { Owner } from '../../core/credential/caller.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type {
  CreatedSubscription,
  OwnParts,
  SubscriptionChange,
  WantedSubscription,
} from '../../core/subscription/dialect-parts.ts'
import type { SubscriptionDraft } from '../../core/subscription/subscription-draft.ts'

/** Finds subscriptions. What is not the owner's does not exist for it. */
export interface SubscriptionLookUp {
  /** @throws AppError `not_found` for what does not exist and for what is not the owner's alike */
  get(owner: Owner, id: string): Subscription
  /** The owner's subscriptions of one dialect, by number. */
  listOf(owner: Owner, dialect: string): readonly Subscription[]
  /** Anybody's: whoever asks by number has to ask `get` too. */
  withNumber(number: number): Subscription | undefined
}

/** Makes subscriptions. */
export interface SubscriptionMaking {
  /** `sub_…`, for secrets that are sealed before the subscription is there. */
  newId(): string
  /** @throws AppError `invalid_request` with every fault, `not_found`, `conflict` */
  create(owner: Owner, draft: SubscriptionDraft, own?: OwnParts): Promise<CreatedSubscription>
  /** All of them or none. @throws AppError as `create` */
  createAll(owner: Owner, wanted: readonly WantedSubscription[]): Promise<readonly CreatedSubscription[]>
}

/** Changes subscriptions. Each throws AppError `not_found` for what is not the owner's. */
export interface SubscriptionChanging {
  /** @throws AppError `invalid_request` with every fault */
  change(owner: Owner, id: string, draft: SubscriptionDraft): Promise<Subscription>
  /** All of them or none. @throws AppError `invalid_request` with every fault */
  changeAll(owner: Owner, wanted: readonly SubscriptionChange[]): Promise<readonly Subscription[]>
  remove(owner: Owner, id: string): Promise<void>
  /** All of them or none. */
  removeAll(owner: Owner, ids: readonly string[]): Promise<void>
  /** `stopped`: nothing is missed; `now`: what happened meanwhile is left out. @throws AppError `invalid_request`, `conflict` */
  enable(owner: Owner, id: string, from: 'stopped' | 'now'): Promise<Subscription>
  disable(owner: Owner, id: string): Promise<Subscription>
}
