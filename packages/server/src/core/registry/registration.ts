import type { PendingConsent, Subscription } from './registry.ts'

/** On what a receiver agreed to its deliveries. */
export interface Terms {
  /** Goes into the subscription's settings. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** The most that the receiver allows; it counts where the subscription asks for more, or for no limit. */
  readonly ratePerSecond?: number
}

/** The outcome of asking a receiver, before a subscription is stored, whether it wants the deliveries. */
export type Registration =
  /** There was nothing to ask. */
  | { readonly kind: 'unchanged' }
  | ({ readonly kind: 'agreed' } & Terms)
  /** It was offered to consent later, and has not said no. */
  | ({ readonly kind: 'pending' } & Pick<Terms, 'settings'>)
  /** `code` and `detail` are told of the endpoint's URL. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }

/** The consent that is stored with a subscription. A pending consent holds the key that it waits for. */
export type Agreement =
  | Exclude<Registration, { kind: 'pending' | 'refused' }>
  | (Extract<Registration, { kind: 'pending' }> & { readonly consent: PendingConsent })

/** Why a subscription is disabled whose receiver has not consented yet. */
export const awaitingConsent = 'awaiting_consent'

/** The subscription as its receiver agreed to it. */
export function onTerms(subscription: Subscription, agreement: Agreement, nowText: string): Subscription {
  switch (agreement.kind) {
    case 'unchanged':
      return subscription
    case 'agreed': {
      const { pendingConsent: _, ...agreed } = withTerms(subscription, agreement)
      return agreed.disabledReason === awaitingConsent
        ? { ...agreed, status: 'active', disabledReason: null, disabledAt: null }
        : agreed
    }
    case 'pending': {
      const asked = { ...withTerms(subscription, agreement), pendingConsent: agreement.consent }
      return asked.status === 'disabled'
        ? asked
        : { ...asked, status: 'disabled', disabledReason: awaitingConsent, disabledAt: nowText }
    }
    default:
      return agreement satisfies never
  }
}

function withTerms(subscription: Subscription, { settings, ratePerSecond }: Terms): Subscription {
  return {
    ...subscription,
    ...(settings ? { settings: { ...subscription.settings, ...settings } } : {}),
    ...(ratePerSecond === undefined
      ? {}
      : { ratePerSecond: Math.min(subscription.ratePerSecond ?? ratePerSecond, ratePerSecond) }),
  }
}
