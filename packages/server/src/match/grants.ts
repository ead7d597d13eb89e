import type { TenantId } from '../core/ids/tenant-id.ts'

/** What a live grant shows. */
export interface Grant {
  allows(type: string): boolean
}

/** Which integration may see which tenant, right now. Asked for each event and again before each attempt (invariant 7). */
export interface Grants {
  /** Integrations with a live access token of this very tenant. */
  integrationsOf(tenantId: TenantId): Iterable<string>
  /** The grant by tokens of this very tenant. */
  direct(integrationId: string, tenantId: TenantId): Grant | undefined
  /** The same, or by a token of one of its ancestors. */
  inherited(integrationId: string, tenantId: TenantId): Grant | undefined
  /** What an access token itself shows of its tenant; undefined: it is not good any more. */
  ofToken(tokenId: string): Grant | undefined
  /** The tenant's ancestors, itself first. */
  lineage(tenantId: TenantId): Iterable<TenantId>
}
