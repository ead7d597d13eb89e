import type { EventOptions } from './events.ts'
import type { Explanation } from './explanation.ts'
import type { Http } from './http.ts'
import { everyItem, type Page, type PageOptions, page } from './pages.ts'
import type { CatchUp, Missed, NotGranted, SubscriptionStats } from './subscription-reading.ts'
import type { TenantId } from './tenant-id.ts'

export type SubscriptionStart =
  | 'now'
  | 'earliest'
  /** RFC 3339: by the time of appending. */
  | { readonly time: string }
  /** Exclusive. */
  | { readonly offsets: { readonly [topic: string]: string } }

export type TenantSelection = 'granted' | { readonly subtree: TenantId } | readonly TenantId[]

export interface NewEndpoint {
  readonly url: string
  readonly headers?: { readonly [name: string]: string } | undefined
  readonly auth?:
    | { readonly type: 'basic'; readonly username: string; readonly password: string }
    | { readonly type: 'bearer'; readonly token: string }
    | {
        readonly type: 'oauth2'
        readonly tokenUrl: string
        readonly clientId: string
        readonly clientSecret: string
        readonly scope?: string
      }
    | undefined
  readonly tls?: { readonly certificate?: string; readonly key?: string; readonly ca?: string } | undefined
  /** Whole attempt, 1 to 30. */
  readonly timeoutSeconds?: number | undefined
}

/** What a subscription can be given; PATCH takes the same fields, but `dialect`, `start`, `signature` and `signingSecret`. */
export interface NewSubscription {
  readonly endpoint: NewEndpoint
  /** Event patterns, as `invoice.*` or `*`. */
  readonly types: readonly string[]
  readonly dialect?: string | undefined
  readonly tenants?: TenantSelection | undefined
  readonly filter?: unknown
  readonly fields?: string | undefined
  readonly start?: SubscriptionStart | undefined
  readonly ordering?: 'none' | 'entity' | undefined
  readonly coalesce?: 'none' | 'latest' | undefined
  readonly batch?: { readonly maxEvents: number; readonly maxWaitMs: number } | null | undefined
  readonly retry?: { readonly delaysSeconds: readonly number[] } | null | undefined
  readonly concurrency?: number | undefined
  readonly ratePerSecond?: number | null | undefined
  readonly description?: string | null | undefined
  readonly signature?: 'hmac-sha256' | 'ed25519' | undefined
  /**
   * To go on with the secret of another sender: `whsec_` and 24 to 64 bytes as base64. In dialects that sign as
   * Standard Webhooks does, not with Ed25519.
   */
  readonly signingSecret?: string | undefined
}

export interface Subscription {
  readonly id: string
  readonly status: 'active' | 'disabled'
  readonly disabledReason?: string | null
  readonly dialect: string
  readonly integrationId: string
  /** Of the access token that made it, and it sees no other; null: the integration's own credentials made it. */
  readonly tenantId: TenantId | null
  /** Event patterns that the access token showed that made it: it is never sent others. Null: whatever is granted. */
  readonly visibleTypes: readonly string[] | null
  readonly tenants: TenantSelection
  readonly types: readonly string[]
  /** Whether any tenant grants it anything now. */
  readonly hasGrant?: boolean
  readonly endpoint: { readonly url: string; readonly [field: string]: unknown }
  /** Null: it keeps up, or is disabled. */
  readonly catchUp?: CatchUp | null
  readonly createdAt: string
  readonly signingPublicKey?: string
  readonly [field: string]: unknown
}

export interface TestOutcome {
  /** The receiver's status, or null when there was none. */
  readonly status: number | null
  readonly error: string | null
  readonly durationMs: number
  readonly body: string | null
}

/** Which subscriptions are listed; what is absent says nothing. */
export interface SubscriptionSearch {
  /** A part of the id, of the URL or of the description, in whatever case. */
  readonly search?: string | undefined
  /** `failing`: active, and its endpoint accepts nothing at present. */
  readonly status?: 'active' | 'failing' | 'disabled' | undefined
  readonly dialect?: string | undefined
  /** The id of the integration whose they are. */
  readonly integration?: string | undefined
  /** Bound to this tenant, or asking for it by name. */
  readonly tenant?: TenantId | undefined
}

const path = '/v1/subscriptions'
const queryOf = ({ tenant, ...search }: SubscriptionSearch) => ({
  ...search,
  tenant: tenant === undefined ? undefined : String(tenant),
})
const pathOf = (id: string, action?: string) => `${path}/${encodeURIComponent(id)}${action ? `/${action}` : ''}`

export class Subscriptions {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** By creation. */
  list(search: SubscriptionSearch = {}): AsyncGenerator<Subscription> {
    return everyItem<Subscription>(this.#http, path, queryOf(search))
  }
  /** It may be short, even empty, while `next` says that there is more. */
  page({ cursor, limit, ...search }: SubscriptionSearch & PageOptions = {}): Promise<Page<Subscription>> {
    return page<Subscription>(this.#http, path, { ...queryOf(search), cursor, limit })
  }
  get(id: string): Promise<Subscription> {
    return this.#http.json({ path: pathOf(id) })
  }
  /** The signing secret is shown here and on rotation only; with Ed25519 there is `signingPublicKey`, always. */
  create(subscription: NewSubscription): Promise<Subscription & { readonly signingSecret?: string }> {
    return this.#http.json({ method: 'POST', path, body: subscription })
  }
  update(id: string, change: Partial<NewSubscription>): Promise<Subscription> {
    return this.#http.json({ method: 'PATCH', path: pathOf(id), body: change })
  }
  async delete(id: string): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: pathOf(id) })
  }
  /** `from`: `stopped` (the default: nothing is missed), `now`, or a time. */
  enable(id: string, from: 'stopped' | 'now' | { readonly time: string } = 'stopped'): Promise<Subscription> {
    return this.#http.json({ method: 'POST', path: pathOf(id, 'enable'), body: { from } })
  }
  disable(id: string): Promise<Subscription> {
    return this.#http.json({ method: 'POST', path: pathOf(id, 'disable'), body: {} })
  }
  /** Sends again what came after a point in time or offsets. */
  /** `notGranted`: of the events that are read again, those that are not sent for want of a grant. */
  rewind(
    id: string,
    to: Exclude<SubscriptionStart, 'now'>,
  ): Promise<{ readonly behind: number; readonly notGranted?: NotGranted }> {
    return this.#http.json({ method: 'POST', path: pathOf(id, 'rewind'), body: { to } })
  }
  /** Both secrets sign until the overlap ends. Answers with the new one, or with the public key of Ed25519. */
  rotateSecret(
    id: string,
    overlapSeconds?: number,
  ): Promise<{ readonly signingSecret?: string; readonly signingPublicKey?: string }> {
    const body = overlapSeconds === undefined ? {} : { overlapSeconds }
    return this.#http.json({ method: 'POST', path: pathOf(id, 'rotate-secret'), body })
  }
  /** One test delivery of a type, with a sample event; answers with what the receiver said. */
  test(id: string, type?: string): Promise<TestOutcome> {
    return this.#http.json({ method: 'POST', path: pathOf(id, 'test'), body: { type } })
  }
  stats(id: string): Promise<SubscriptionStats> {
    return this.#http.json({ path: pathOf(id, 'stats') })
  }
  /** Everything that it was due and has not had. */
  missed(id: string): Promise<Missed> {
    return this.#http.json({ path: pathOf(id, 'missed') })
  }
  /** Why an event did or did not arrive at it; the event by its id, the one that Tidings gave it, or `topic:offset`. */
  explain(id: string, event: string, { tenant }: EventOptions = {}): Promise<Explanation> {
    const query = { event, tenant: tenant === undefined ? undefined : String(tenant) }
    return this.#http.json({ path: pathOf(id, 'explain'), query })
  }
  /** Reads nothing more for it until `resumeCatchUp`; loses nothing. */
  pauseCatchUp(id: string): Promise<Subscription> {
    return this.#catchUp(id, 'pause')
  }
  resumeCatchUp(id: string): Promise<Subscription> {
    return this.#catchUp(id, 'resume')
  }
  /** Leaves out what it is behind with; `missed` tells what that was. */
  cancelCatchUp(id: string): Promise<Subscription> {
    return this.#catchUp(id, 'cancel')
  }

  #catchUp(id: string, action: 'pause' | 'resume' | 'cancel'): Promise<Subscription> {
    return this.#http.json({ method: 'POST', path: pathOf(id, `catch-up/${action}`), body: {} })
  }
}
