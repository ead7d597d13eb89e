import type { Http } from './http.ts'
import { everyItem, type Page, type PageOptions, page } from './pages.ts'
import type { TenantId } from './tenant-id.ts'

/** One administrative change. */
export interface AuditEntry {
  readonly at: string
  readonly by: { readonly kind: 'operator' | 'integrator' | 'publisher' | 'portal'; readonly id: string | null }
  readonly address: string
  /** The method and the route's pattern. */
  readonly request: string
  /** What was changed, as `token`. */
  readonly kind: string
  readonly id: string | null
  readonly action: 'created' | 'changed' | 'deleted' | 'requested'
  /** Whose it is; null: nobody's. */
  readonly integrationId: string | null
  readonly tenantId: TenantId | null
}

/** Which changes are listed; what is absent says nothing. */
export interface AuditSearch {
  /** Changes to what belongs to it, and changes that it made. */
  readonly integration?: string | undefined
  readonly tenant?: TenantId | undefined
  readonly kind?: string | undefined
  /** The id of what was changed. */
  readonly subject?: string | undefined
  readonly action?: AuditEntry['action'] | undefined
  /** A kind, as `operator`, or an id. */
  readonly actor?: string | undefined
  readonly address?: string | undefined
  /** RFC 3339. */
  readonly since?: string | undefined
  /** RFC 3339, exclusive. */
  readonly until?: string | undefined
}

/** Who changed what; the operator's. */
export class Audit {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** Newest first. */
  list(search: AuditSearch = {}): AsyncGenerator<AuditEntry> {
    return everyItem<AuditEntry>(this.#http, '/v1/audit', queryOf(search))
  }
  /** It may be short, even empty, while `next` says that there is more. */
  page({ cursor, limit, ...search }: AuditSearch & PageOptions = {}): Promise<Page<AuditEntry>> {
    return page<AuditEntry>(this.#http, '/v1/audit', { ...queryOf(search), cursor, limit })
  }
}

function queryOf({ tenant, ...search }: AuditSearch) {
  return { ...search, tenant: tenant === undefined ? undefined : String(tenant) }
}
