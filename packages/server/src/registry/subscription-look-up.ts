import { type Owner, owns } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'

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

  /** All that the owner has, by creation. @throws AppError `invalid_request` for a cursor of another list */
  page(owner: Owner, request: PageRequest): Page<Subscription> {
    return pageOf(request, {
      key: 'string',
      read: (after, limit) => this.#read(owner, after, limit),
      keyOf: ({ id }) => id,
    })
  }

  #read(owner: Owner, after: string | undefined, limit: number): readonly Subscription[] {
    if (owner.kind === 'operator') return this.#directory.subscriptionPage(undefined, after, limit)
    return this.#directory
      .subscriptionPage(owner.integrationId, after, Number.MAX_SAFE_INTEGER)
      .filter((subscription) => owns(owner, subscription))
      .slice(0, limit)
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
