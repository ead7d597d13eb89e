import type { Http } from './http.ts'
import { everyItem, type Page, type PageOptions, page } from './pages.ts'
import type { TenantId } from './tenant-id.ts'

export interface Tenant {
  readonly id: TenantId
  readonly name: string
  readonly parentId: TenantId | null
  readonly createdAt: string
}

/** A tenant id that events were published for and no tenant has. */
export interface UnknownTenant {
  readonly tenantId: TenantId
  readonly events: number
  readonly firstAt: string
  readonly lastAt: string
}

export interface Integration {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly createdAt: string
}

export interface AccessToken {
  readonly id: string
  readonly tenantId: TenantId
  /** What the grant shows, as event patterns; null: everything. */
  readonly types: readonly string[] | null
  readonly expiresAt: string | null
  /** Of the application's own, whose tokens prove this grant; absent: it was made or imported. */
  readonly authority?: string
  readonly createdAt: string
}

export interface ApiKey {
  readonly id: string
  readonly kind: 'admin' | 'pub' | 'portal'
  readonly name?: string | null
  /** Of a portal's key. */
  readonly integrationId?: string
  /** Of a portal's key. */
  readonly expiresAt?: string
  readonly createdAt: string
}

export interface EventType {
  readonly type: string
  readonly topic: string
  readonly description: string
  readonly attributes: readonly { readonly name: string; readonly type: string }[]
  /** Its name in each dialect that has it. */
  readonly names: { readonly [dialect: string]: string }
  /** JSON Schema of `data`, where there is one. */
  readonly dataSchema?: unknown
}

export interface NewTenant {
  readonly id: TenantId
  readonly name: string
  readonly parentId?: TenantId | null
}

/** Secrets may be given, to import existing ones. */
export interface NewIntegration {
  readonly name: string
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
}

export interface NewAccessToken {
  readonly tenantId: TenantId
  readonly types?: readonly string[] | undefined
  readonly expiresAt?: string | undefined
  readonly accessToken?: string | undefined
}

export interface NewKey {
  readonly kind: ApiKey['kind']
  readonly name?: string | undefined
  /** Of a portal's key, required: the integration whose subscriptions it looks after. */
  readonly integrationId?: string | undefined
  /** Of a portal's key: RFC 3339, within a day; default: in an hour. */
  readonly expiresAt?: string | undefined
}

/** What every resource can do: one page, all items, one item, delete. */
class Resource<Item> {
  protected readonly http: Http
  protected readonly path: string

  constructor(http: Http, path: string) {
    this.http = http
    this.path = path
  }

  list(): AsyncGenerator<Item> {
    return everyItem<Item>(this.http, this.path)
  }

  page(options: PageOptions = {}): Promise<Page<Item>> {
    return page<Item>(this.http, this.path, { ...options })
  }

  async delete(id: string | TenantId): Promise<void> {
    await this.http.send({
      method: 'DELETE',
      path: `${this.path}/${encodeURIComponent(String(id))}`,
      isRepeatable: false,
    })
  }
}

export class Tenants extends Resource<Tenant> {
  get(id: TenantId): Promise<Tenant> {
    return this.http.json({ path: `${this.path}/${id}` })
  }
  create(tenant: NewTenant): Promise<Tenant> {
    return this.http.json({ method: 'POST', path: this.path, body: tenant })
  }
  /** Tenant ids that publishers have used since the server started, though no tenant has been created with them. */
  async unknown(): Promise<readonly UnknownTenant[]> {
    return (await this.http.json<{ items: UnknownTenant[] }>({ path: '/v1/unknown-tenants' })).items
  }
  update(id: TenantId, change: { name?: string; parentId?: TenantId | null }): Promise<Tenant> {
    return this.http.json({ method: 'PATCH', path: `${this.path}/${id}`, body: change })
  }
}

export class Integrations extends Resource<Integration> {
  get(id: string): Promise<Integration> {
    return this.http.json({ path: `${this.path}/${encodeURIComponent(id)}` })
  }
  /** The client secret is shown here only. */
  create(integration: NewIntegration): Promise<Integration & { readonly clientSecret: string }> {
    return this.http.json({ method: 'POST', path: this.path, body: integration })
  }
  /** The old client secret ends at once; the new one is shown here only. */
  rotateSecret(id: string): Promise<{ readonly clientSecret: string }> {
    return this.http.json({ method: 'POST', path: `${this.path}/${encodeURIComponent(id)}/rotate-secret`, body: {} })
  }
  /** The access tokens of one integration. */
  tokens(integrationId: string): AccessTokens {
    return new AccessTokens(this.http, `${this.path}/${encodeURIComponent(integrationId)}/tokens`)
  }
}

export class AccessTokens extends Resource<AccessToken> {
  /** The access token is shown here only. */
  create(token: NewAccessToken): Promise<AccessToken & { readonly accessToken: string }> {
    return this.http.json({ method: 'POST', path: this.path, body: token })
  }
}

export class Keys extends Resource<ApiKey> {
  /** The key is shown here only. */
  create(key: NewKey): Promise<ApiKey & { readonly key: string }> {
    return this.http.json({ method: 'POST', path: this.path, body: key })
  }
}

export class EventTypes {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  list(options: { dialect?: string | undefined } = {}): AsyncGenerator<EventType> {
    return everyItem<EventType>(this.#http, '/v1/event-types', { ...options })
  }
  get(type: string): Promise<EventType> {
    return this.#http.json({ path: `/v1/event-types/${encodeURIComponent(type)}` })
  }
  /** Adds a type or replaces it, as in the operator's file; for the operator. */
  put(type: string, definition: object): Promise<EventType> {
    const path = `/v1/event-types/${encodeURIComponent(type)}`
    return this.#http.json({ method: 'PUT', path, body: definition })
  }
  /** A built-in type that was replaced is itself again; for the operator. */
  async delete(type: string): Promise<void> {
    await this.#http.send({ method: 'DELETE', path: `/v1/event-types/${encodeURIComponent(type)}` })
  }
}
