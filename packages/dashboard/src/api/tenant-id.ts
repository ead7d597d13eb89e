import type { ExactNumber } from './exact-json.ts'

/** The application's own number of a tenant, up to 64 bits. */
export type TenantId = number | ExactNumber
