import type { Registration } from '../core/registry/registration.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { RegistrationMeans } from '../dialects/contract/registration.ts'
import type { Receivers } from '../registry/consents.ts'
import type { BareSender } from '../send/sender.ts'
import { dialectByName } from './dialects.ts'

/** Receivers, asked by the dialects whose contracts say that they are, through the sender. */
export class DialectReceivers implements Receivers {
  readonly #sender: BareSender
  readonly #own: Omit<RegistrationMeans, 'ask' | 'offerConsent'>

  constructor(sender: BareSender, own: Omit<RegistrationMeans, 'ask' | 'offerConsent'>) {
    this.#sender = sender
    this.#own = own
  }

  async register(
    subscription: Subscription,
    before: Subscription | null,
    offerConsent: () => string,
  ): Promise<Registration> {
    const register = dialectByName.get(subscription.dialect)?.register
    if (!register) return { kind: 'unchanged' }
    return register(subscription, before, {
      ...this.#own,
      ask: (request) => this.#sender.ask(subscription, request),
      offerConsent,
    })
  }
}
