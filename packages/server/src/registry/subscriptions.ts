import type { Owner } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import { type Agreement, awaitingConsent, onTerms, type Terms } from '../core/registry/registration.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type {
  CreatedSubscription,
  OwnParts,
  SubscriptionChange,
  WantedSubscription,
} from '../core/subscription/dialect-parts.ts'
import { type MadeSecret, overlapping } from '../core/subscription/secret-rotation.ts'
import type { SubscriptionDraft } from '../core/subscription/subscription-draft.ts'
import { type AskConsent, Consents, consentDigest, isAwaited, type Receivers } from './consents.ts'
import type { Registry } from './registry.ts'
import type { RegistryWrite } from './registry-store.ts'
import type { SubscriptionLookUp } from './subscription-look-up.ts'
import { SubscriptionMaking, type SubscriptionMakingParts } from './subscription-making.ts'
import { SubscriptionReading, type SubscriptionReadingParts } from './subscription-reading.ts'
import { changedSubscription } from './subscription-record.ts'
import { putRecord } from './writes.ts'

export interface SubscriptionsParts extends SubscriptionMakingParts, SubscriptionReadingParts {
  readonly registry: Pick<Registry, 'directory' | 'commit' | 'nextNumber' | 'newId' | 'now' | 'nowMs'>
  readonly lookUp: Pick<SubscriptionLookUp, 'get' | 'atRevision' | 'withId'>
  readonly receivers: Receivers
  readonly random: (bytes: number) => Uint8Array
}

/** How often a change is tried again when others change the record meanwhile. */
const changeTries = 5

/** Subscriptions as their owners manage them, whatever interface they came by. */
export class Subscriptions {
  readonly reading: SubscriptionReading
  readonly #parts: SubscriptionsParts
  readonly #consents: Consents
  readonly #making: SubscriptionMaking

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts
    this.#consents = new Consents({ ...parts, nowMs: () => parts.registry.nowMs() })
    this.reading = new SubscriptionReading(parts, this)
    this.#making = new SubscriptionMaking(parts, (number, start) => this.reading.begin(number, start))
  }

  /** @throws AppError `not_found` for what does not exist and for what is not the owner's alike. */
  get(owner: Owner, id: string): Subscription {
    return this.#parts.lookUp.get(owner, id)
  }

  /** `sub_…`, for whoever seals secrets for a subscription before it is there. */
  newId(): string {
    return this.#parts.registry.newId('sub')
  }

  /** @throws AppError `invalid_request` with every fault, `not_found` */
  async create(owner: Owner, draft: SubscriptionDraft, own: OwnParts = {}): Promise<CreatedSubscription> {
    const [created] = await this.createAll(owner, [{ draft, own }])
    return created!
  }

  /** All of them or none. @throws AppError as `create` */
  async createAll(owner: Owner, wanted: readonly WantedSubscription[]): Promise<CreatedSubscription[]> {
    for (const { draft } of wanted) this.#making.checkNew(owner, draft)
    const made = await this.#asking(async (ask) => {
      const created: CreatedSubscription[] = []
      for (const { draft, own } of wanted) created.push(await this.#making.make(owner, draft, own ?? {}, ask))
      const writes = created.map(
        ({ subscription }): RegistryWrite => ({
          kind: 'subscription',
          id: subscription.id,
          value: subscription,
          ifRevision: 0,
        }),
      )
      const beside = wanted
        .flatMap(({ own }) => own?.beside ?? [])
        .map(({ record, revision }) => putRecord('dialectRecord', record, revision))
      const result = await this.#parts.registry.commit([...writes, ...beside])
      if (result.kind === 'committed') return created
      await this.#giveUp(created)
      throw overtaken()
    })
    return made.map((one) => ({ ...one, subscription: this.#latest(one.subscription) }))
  }

  /**
   * What a draft would become, to try its receiver: asked for its consent, if its dialect asks, and never stored.
   * @throws AppError as `create`
   */
  async trial(owner: Owner, draft: SubscriptionDraft): Promise<Subscription> {
    this.#making.checkNew(owner, draft)
    return this.#asking((ask) => this.#making.trial(owner, draft, ask))
  }

  /** @throws AppError `not_found`, `invalid_request` */
  async change(owner: Owner, id: string, draft: SubscriptionDraft): Promise<Subscription> {
    const [changed] = await this.changeAll(owner, [{ id, draft }])
    return changed!
  }

  /**
   * All of them or none. `also` changes what a draft cannot say, and may throw to refuse; it sees the
   * record as it is stored, again if somebody else changed it meanwhile.
   * @throws AppError `not_found`, `invalid_request`
   */
  async changeAll(owner: Owner, wanted: readonly SubscriptionChange[]): Promise<Subscription[]> {
    const changes = wanted.map(({ id, draft, also }) => {
      const before = this.get(owner, id)
      for (const name of ['dialect', 'start', 'signature', 'signingSecret', 'integrationId'] as const) {
        if (draft[name] !== undefined) throw fixedWhenMade(name)
      }
      const context = this.#parts.drafts.contextOf(before.integrationId, before.boundTenantId)
      this.#making.check(draft, before.dialect, context, before)
      const url = draft.endpoint?.url === undefined ? undefined : this.#parts.endpoints.urlOf(draft.endpoint.url)
      const seal = (text: string) => this.#parts.sealer.seal(text, id)
      const next = (current: Subscription) => {
        const changed = changedSubscription(current, draft, url, this.#nowText(), seal)
        return also ? also(changed, current) : changed
      }
      return { id, before, next }
    })
    const changed = await this.#asking(async (ask) => {
      const agreed: { id: string; next: (current: Subscription) => Subscription }[] = []
      for (const { id, before, next } of changes) {
        const agreement = await ask(next(before), before)
        agreed.push({ id, next: (current) => onTerms(next(current), agreement, this.#nowText()) })
      }
      return this.#updateAll(owner, agreed)
    })
    return changed.map((one) => this.#latest(one))
  }

  /** Applies a change to the stored record, again if somebody else changed it meanwhile. */
  async update(owner: Owner, id: string, next: (current: Subscription) => Subscription): Promise<Subscription> {
    const [updated] = await this.#updateAll(owner, [{ id, next }])
    return updated!
  }

  async #updateAll(
    owner: Owner,
    changes: readonly { readonly id: string; readonly next: (current: Subscription) => Subscription }[],
  ): Promise<Subscription[]> {
    for (let tries = 1; ; tries += 1) {
      const writes: RegistryWrite[] = []
      const values = changes.map(({ id, next }) => {
        const { subscription, revision } = this.#parts.lookUp.atRevision(owner, id)
        const value = next(subscription)
        if (value !== subscription) writes.push({ kind: 'subscription', id, value, ifRevision: revision })
        return value
      })
      if (writes.length === 0) return values
      const result = await this.#parts.registry.commit(writes)
      if (result.kind === 'committed') return values
      if (tries >= changeTries) throw keepsChanging()
    }
  }

  remove(owner: Owner, id: string): Promise<void> {
    return this.removeAll(owner, [id])
  }

  /** All of them or none. @throws AppError `not_found` */
  async removeAll(owner: Owner, ids: readonly string[]): Promise<void> {
    for (const id of ids) this.get(owner, id)
    await this.#commit(ids.map((id) => ({ kind: 'subscription', id, value: null })))
  }

  disable(owner: Owner, id: string, reason = 'by_request'): Promise<Subscription> {
    return this.update(owner, id, (current) =>
      // One that waits for its receiver stays disabled when that consents.
      current.status === 'disabled' && current.disabledReason !== awaitingConsent
        ? current
        : {
            ...current,
            status: 'disabled',
            disabledReason: reason,
            disabledAt: this.#nowText(),
            updatedAt: this.#nowText(),
          },
    )
  }

  /**
   * `from` `stopped`: nothing is missed; else what happened before is left out. A receiver that has not
   * consented is asked again, and it stays disabled until it does.
   * @throws AppError `not_found`, `invalid_request` when the receiver refuses, `conflict`
   */
  async enable(owner: Owner, id: string, from: 'stopped' | 'now' | { readonly time: string }): Promise<Subscription> {
    const before = this.get(owner, id)
    if (before.status === 'active') return before
    const enabled = await this.#asking(async (ask) => {
      const agreement: Agreement = before.pendingConsent ? await ask(before, null) : { kind: 'unchanged' }
      if (from !== 'stopped') await this.reading.moveTo(owner, id, from)
      const next = (current: Subscription) => {
        if (current.pendingConsent?.digest !== before.pendingConsent?.digest) throw keepsChanging()
        const active = {
          disabledReason: null,
          disabledAt: null,
          failingSince: null,
          hold: null,
          updatedAt: this.#nowText(),
        }
        return onTerms({ ...current, status: 'active', ...active }, agreement, this.#nowText())
      }
      return this.update(owner, id, next)
    })
    return this.#latest(enabled)
  }

  /**
   * A receiver consents by the key that it was offered; a key is good once, and for a week.
   * Resolves with false for a key that is wrong, used or too old, and for what does not exist, alike.
   */
  async consent(id: string, key: string, terms: Terms): Promise<boolean> {
    const digest = consentDigest(key)
    return this.#consents.note(digest, terms) || (await this.#consent(id, digest, terms)) !== null
  }

  async #consent(id: string, digest: string, terms: Terms): Promise<Subscription | null> {
    let isGiven = false
    if (!this.#parts.lookUp.withId(id)) return null
    const subscription = await this.update({ kind: 'operator' }, id, (current) => {
      isGiven = isAwaited(current.pendingConsent, digest, this.#parts.registry.nowMs())
      if (!isGiven) return current
      return onTerms({ ...current, updatedAt: this.#nowText() }, { kind: 'agreed', ...terms }, this.#nowText())
    })
    return isGiven ? subscription : null
  }

  /** Consents that came before what they are for was stored count as soon as it is. */
  async #asking<T>(work: (ask: AskConsent) => Promise<T>): Promise<T> {
    const { result, early } = await this.#consents.during(work)
    for (const { subscriptionId, digest, terms } of early) await this.#consent(subscriptionId, digest, terms)
    return result
  }

  /** As it is after an early consent. */
  #latest(stored: Subscription): Subscription {
    return stored.pendingConsent ? (this.#parts.lookUp.withId(stored.id) ?? stored) : stored
  }

  /**
   * Both sign until the overlap ends. Resolves to the new secret as it is shown once.
   * @throws AppError `conflict` when its dialect does not sign
   */
  async rotateSecret(owner: Owner, id: string, overlapSeconds: number, made?: MadeSecret): Promise<string | null> {
    const before = this.get(owner, id)
    const nowMs = this.#parts.registry.nowMs()
    const algorithm = before.secrets[0]?.algorithm ?? 'hmac-sha256'
    const secret = made ?? this.#parts.secrets.make(before.dialect, { algorithm }, id)
    if (secret.records.length === 0) {
      throw new AppError('conflict', `The dialect ${before.dialect} does not sign, so there is no secret to rotate.`)
    }
    await this.update(owner, id, (current) => ({
      ...current,
      secrets: [...secret.records, ...overlapping(current.secrets, nowMs, overlapSeconds)],
      updatedAt: this.#nowText(),
    }))
    return secret.shown
  }

  async #commit(writes: readonly RegistryWrite[]): Promise<void> {
    const result = await this.#parts.registry.commit(writes)
    if (result.kind === 'refused') throw overtaken()
  }

  /** They have places already: these are taken away as those of deleted ones are. */
  async #giveUp(created: readonly CreatedSubscription[]): Promise<void> {
    const deletedAt = this.#nowText()
    await this.#commit(
      created.map(({ subscription: { number } }) => putRecord('deletedSubscription', { number, deletedAt })),
    )
  }

  #nowText(): string {
    return this.#parts.registry.now()
  }
}

function overtaken(): AppError {
  return new AppError('conflict', 'Someone else changed this at the same time. Read it again and repeat your change.')
}

function keepsChanging(): AppError {
  return new AppError('conflict', 'The subscription keeps changing. Try again.')
}

function fixedWhenMade(name: string): AppError {
  return new AppError('invalid_request', `\`${name}\` cannot be changed; make another subscription.`, {
    errors: [
      {
        pointer: `/${name}`,
        code: 'read_only',
        detail: 'This field can only be set when the subscription is created.',
      },
    ],
  })
}
