import type { Subscription } from './registry.ts'

/** What came of asking a receiver, before a subscription is stored, whether it wants its deliveries. */
export type Registration =
  | {
      readonly kind: 'agreed'
      /** Goes into the subscription's settings. */
      readonly settings?: Readonly<Record<string, unknown>>
      /** The rate that the receiver allows, where it allows less than the subscription asks for. */
      readonly ratePerSecond?: number
    }
  /** `code` and `detail` are told of the endpoint's URL. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }

/** The subscription on the terms that its receiver agreed to. */
export function onTerms(
  subscription: Subscription,
  terms: Extract<Registration, { kind: 'agreed' }> | null,
): Subscription {
  if (terms === null) return subscription
  return {
    ...subscription,
    ...(terms.settings ? { settings: { ...subscription.settings, ...terms.settings } } : {}),
    ...(terms.ratePerSecond === undefined ? {} : { ratePerSecond: terms.ratePerSecond }),
  }
}
