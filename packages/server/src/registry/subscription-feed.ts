import { AppError } from '../core/errors.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import type { Subscriptions } from './subscriptions.ts'

/** Whoever reads the log for subscriptions. */
export interface SubscriptionReaders {
  /** From now on the subscription of this number is as given; null: it is no more. */
  apply(number: number, subscription: Subscription | null): void
}

/** Dialects in which a subscription can ask for more than event patterns say, as for a group of types. */
export interface TypeMeanings {
  /** The types that the subscription asks for by the catalogue as it is now; undefined: those that it has. */
  meantTypes(subscription: Subscription): readonly string[] | undefined
}

/**
 * Lets readers follow the registry, and the catalogue where a dialect asks for types by it, from now on. Whatever
 * keeps the catalogue has to listen to the directory before this is called.
 */
export function feedSubscriptions(given: {
  readonly directory: Directory
  readonly readers: SubscriptionReaders
  readonly meanings: TypeMeanings
  readonly subscriptions: Pick<Subscriptions, 'update'>
  readonly onFailure: (error: unknown) => void
}): void {
  const { directory, readers, meanings, subscriptions, onFailure } = given
  const meant = (subscription: Subscription) => withTypes(subscription, meanings.meantTypes(subscription))
  /** The first event of a new type may follow at once: readers know before the registry has written it. */
  const feed = (subscription: Subscription) => {
    readers.apply(subscription.number, meant(subscription))
    if (meant(subscription) === subscription) return
    subscriptions.update({ kind: 'operator' }, subscription.id, meant).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === 'not_found')) onFailure(error)
    })
  }
  for (const subscription of directory.subscriptions.values()) feed(subscription)
  directory.onChanged((changes) => {
    for (const { kind, value, previous } of changes) {
      if (kind !== 'subscription') continue
      const number = value?.number ?? previous?.number
      if (number !== undefined) readers.apply(number, value && meant(value))
    }
    if (!changes.some(({ kind }) => kind === 'eventType')) return
    for (const subscription of directory.subscriptions.values()) {
      if (meant(subscription) !== subscription) feed(subscription)
    }
  })
}

/** The very same subscription where nothing changes. */
function withTypes(subscription: Subscription, types: readonly string[] | undefined): Subscription {
  if (!types || types.join() === subscription.types.join()) return subscription
  return { ...subscription, types }
}
