import { type Owner, owns } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import type { Page, PageRequest } from './page.ts'
import { type SubscriptionFilter, searchSubscriptions } from './subscription-search.ts'

/** Finds subscriptions in the directory. What is not the owner's does not exist for it. */
export class SubscriptionLookUp {
  readonly #directory: Directory

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /** @throws AppError `not_found` for what does not exist and for what is not the owner's alike. */
  get(owner: Owner, id: string): Subscription {
    return this.atRevision(owner, id).subscription
  }

  /** The same, with the revision at which it last changed. */
  atRevision(owner: Owner, id: string): { readonly subscription: Subscription; readonly revision: number } {
    const subscription = this.#directory.subscriptions.get(id)
    if (!subscription || !owns(owner, subscription)) {
      throw new AppError('not_found', 'There is no subscription with this id.')
    }
    return { subscription, revision: this.#directory.revisionOf('subscription', id) }
  }

  /** All that the owner has, in the order of their ids. */
  *all(owner: Owner): Iterable<Subscription> {
    const known =
      owner.kind === 'operator'
        ? this.#directory.subscriptions.values()
        : this.#directory.subscriptionsOf(owner.integrationId)
    for (const subscription of known) if (owns(owner, subscription)) yield subscription
  }

  /** The owner's subscriptions of one dialect, by number. */
  listOf(owner: Owner, dialect: string): readonly Subscription[] {
    return [...this.all(owner)]
      .filter((subscription) => subscription.dialect === dialect)
      .sort((a, b) => a.number - b.number)
  }

  /** The owner's that the filter lets through, by creation. @throws AppError `invalid_request` for a cursor of another list */
  search(owner: Owner, filter: SubscriptionFilter, request: PageRequest): Promise<Page<Subscription>> {
    return searchSubscriptions(this.#directory, owner, filter, request)
  }

  /** Anybody's. */
  withId(id: string): Subscription | undefined {
    return this.#directory.subscriptions.get(id)
  }

  /** Anybody's. */
  withNumber(number: number): Subscription | undefined {
    return this.#directory.subscriptions.withKey(number)
  }
}
