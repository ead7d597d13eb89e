import type { TenantId } from '../../core/ids/tenant-id.ts'

export interface SampleContext {
  /** As it was asked for; undefined: the sample chooses. */
  readonly entityId: string | undefined
  /** Another one for each sample, from 1. */
  readonly number: number
  readonly tenantId: TenantId
  readonly nowMs: number
  /** Where the stand-in listens, as `127.0.0.1:8080`. */
  readonly host: string
}

/** The credentials of a stand-in's integrator, in Tidings' own words. */
export interface SampleGrants {
  /** Where the stand-in listens, as `http://127.0.0.1:8080`. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** The tenant above the others. */
  readonly parent: { readonly tenantId: TenantId; readonly name: string }
  readonly tenants: readonly { readonly tenantId: TenantId; readonly name: string; readonly accessToken: string }[]
}
