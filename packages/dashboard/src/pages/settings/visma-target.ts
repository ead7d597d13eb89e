import type { ExactNumber } from '../../api/exact-json.ts'

/** Where Business NXT's webhooks go to. */
export interface Target {
  readonly id: string
  readonly url: string
  readonly retryPolicy: { readonly kind: string; readonly attempts: number }
  readonly tenantId: number | ExactNumber | null
  readonly signatureKey?: string
}
