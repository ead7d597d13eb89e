import type { TenantId } from '../ids/tenant-id.ts'
import type { Integrator } from './caller.ts'

/** An access token's grant, live at the moment of asking. */
export interface TokenGrant {
  readonly tokenId: string
  readonly integrationId: string
  readonly tenantId: TenantId
  readonly expiresAtMs: number | null
  readonly allows: (type: string) => boolean
  /** Whoever brings the token: what is made and found as this owner keeps to what the token shows. */
  readonly owner: Integrator
}
