import type { Owner } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { onTerms } from '../core/registry/registration.ts'
import type { SigningSecret, Subscription } from '../core/registry/registry.ts'
import type { CreatedSubscription, OwnParts } from '../core/subscription/dialect-parts.ts'
import type { MadeSecret } from '../core/subscription/secret-rotation.ts'
import {
  type DraftContext,
  draftFaults,
  type StartDraft,
  type SubscriptionDraft,
} from '../core/subscription/subscription-draft.ts'
import type { AskConsent } from './consents.ts'
import type { Registry } from './registry.ts'
import type { Sealer } from './sealer.ts'
import type { StartPlace } from './start-place.ts'
import { newSubscription } from './subscription-record.ts'

/** What a draft is checked against. */
export interface Drafts {
  /** @param tenantId set for access tokens: they choose among their tenant and those below it */
  contextOf(integrationId: string, tenantId: TenantId | null): DraftContext
}

/** Where deliveries may go. */
export interface Endpoints {
  /** The parsed URL. @throws AppError `invalid_request` for one that is not allowed */
  urlOf(raw: string): string
}

/** Makes signing secrets in the form that a dialect has for them. */
export interface SecretMaking {
  /** @param subscriptionId for which it is sealed */
  make(
    dialect: string,
    wanted: { readonly algorithm: SigningSecret['algorithm']; readonly imported?: string | undefined },
    subscriptionId: string,
  ): MadeSecret
}

export interface SubscriptionMakingParts {
  readonly registry: Pick<Registry, 'directory' | 'nextNumber' | 'newId' | 'now'>
  readonly sealer: Pick<Sealer, 'seal'>
  readonly drafts: Drafts
  readonly endpoints: Endpoints
  readonly secrets: SecretMaking
}

/** Of what has no place in the log: those that are stored are numbered from 1. */
const unnumbered = 0

/** Subscriptions that are not stored yet, of what their owners ask for. */
export class SubscriptionMaking {
  readonly #parts: SubscriptionMakingParts
  readonly #begin: (number: number, start: StartDraft) => Promise<StartPlace['topicFloors']>

  /** @param begin makes the beginning of its reading durable */
  constructor(
    parts: SubscriptionMakingParts,
    begin: (number: number, start: StartDraft) => Promise<StartPlace['topicFloors']>,
  ) {
    this.#parts = parts
    this.#begin = begin
  }

  /** @throws AppError `invalid_request` with every fault */
  checkNew(owner: Owner, draft: SubscriptionDraft): void {
    const context = this.#parts.drafts.contextOf(this.#integrationOf(owner, draft), tenantOf(owner))
    this.check(draft, draft.dialect ?? 'standard', context, null)
    if (draft.endpoint?.url === undefined) throw new AppError('invalid_request', 'An endpoint is needed.')
  }

  /** @throws AppError `invalid_request` with every fault */
  check(draft: SubscriptionDraft, dialect: string, context: DraftContext, before: Subscription | null): void {
    const faults = draftFaults(draft, dialect, context, before)
    if (faults.length === 0) return
    throw new AppError(
      'invalid_request',
      'Nothing was changed. Fix the problems listed in `errors` and send it again.',
      {
        errors: faults,
      },
    )
  }

  /** A record that is not stored yet, of a checked draft; the beginning of its reading is. */
  async make(owner: Owner, draft: SubscriptionDraft, own: OwnParts, ask: AskConsent): Promise<CreatedSubscription> {
    const number = await this.#parts.registry.nextNumber()
    const { drafted, secret } = this.#record(owner, draft, own, number)
    const agreed = onTerms(drafted, await ask(drafted, null), this.#parts.registry.now())
    // Asking may take seconds: `now` is after it.
    const made = { ...agreed, topicFloors: await this.#begin(number, draft.start ?? 'now') }
    const { disabledReason } = own
    const subscription: Subscription =
      disabledReason === undefined
        ? made
        : { ...made, status: 'disabled', disabledReason, disabledAt: drafted.createdAt }
    return { subscription, signingSecret: secret.shown }
  }

  /** A record that never is stored, of a checked draft, to try what its receiver answers. */
  async trial(owner: Owner, draft: SubscriptionDraft, ask: AskConsent): Promise<Subscription> {
    const { drafted } = this.#record(owner, draft, {}, unnumbered)
    return onTerms(drafted, await ask(drafted, null), this.#parts.registry.now())
  }

  #record(owner: Owner, draft: SubscriptionDraft, own: OwnParts, number: number) {
    const id = own.id ?? this.#parts.registry.newId('sub')
    const wanted = { algorithm: draft.signature ?? 'hmac-sha256', imported: draft.signingSecret }
    const secret = own.secret ?? this.#parts.secrets.make(draft.dialect ?? 'standard', wanted, id)
    const drafted = newSubscription(
      draft,
      {
        id,
        number,
        integrationId: this.#integrationOf(owner, draft),
        boundTenantId: tenantOf(owner),
        visibleTypes: owner.kind === 'integrator' ? (owner.token?.types ?? null) : null,
        secrets: secret.records,
        topicFloors: null,
        url: this.#parts.endpoints.urlOf(draft.endpoint?.url ?? ''),
        nowText: this.#parts.registry.now(),
      },
      (text) => this.#parts.sealer.seal(text, id),
    )
    const settings = own.settings ? { ...drafted.settings, ...own.settings } : drafted.settings
    return { drafted: { ...drafted, settings }, secret }
  }

  #integrationOf(owner: Owner, draft: SubscriptionDraft): string {
    if (owner.kind === 'integrator') {
      if (draft.integrationId === undefined || draft.integrationId === owner.integrationId) return owner.integrationId
      throw readOnlyIntegration('This is the integration whose credentials you use.')
    }
    const { integrations } = this.#parts.registry.directory
    if (draft.integrationId !== undefined && integrations.get(draft.integrationId)) return draft.integrationId
    throw readOnlyIntegration('With the operator key, name the integration that the subscription is for.')
  }
}

function tenantOf(owner: Owner): TenantId | null {
  return owner.kind === 'integrator' ? owner.tenantId : null
}

function readOnlyIntegration(detail: string): AppError {
  return new AppError('invalid_request', detail, {
    errors: [{ pointer: '/integrationId', code: 'invalid', detail }],
  })
}
