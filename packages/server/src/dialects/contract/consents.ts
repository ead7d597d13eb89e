import type { Terms } from '../../core/registry/registration.ts'

/** Consents that receivers give later than they were asked. */
export interface ReceiverConsents {
  /**
   * A receiver consents to its deliveries by the key that it was offered.
   * Resolves with false for a key that is wrong, used or too old, and for what does not exist, alike.
   */
  consent(subscriptionId: string, key: string, terms: Terms): Promise<boolean>
}
