import type { TenantId } from './tenant-id.ts'

/** Why one event did or did not arrive at one subscription. */
export interface Explanation {
  readonly subscription: string
  /** The event's id; of one that is gone, what it was asked for by. */
  readonly event: string
  /** The event belongs to the subscription by all that it asks for and is granted. */
  readonly due: boolean
  readonly reason:
    | 'delivered'
    | 'waiting'
    | 'failed'
    | 'superseded'
    | 'not_granted'
    | 'type_not_subscribed'
    | 'not_in_dialect'
    | 'filtered'
    | 'quiet'
    | 'before_start'
    | 'disabled'
    | 'skipped'
    | 'expired'
  /** What the reason does not say yet, in words. */
  readonly detail: string
  /** The delivery's id, where there is one. */
  readonly delivery: string | null
  /** The steps that bring the event to the receiver, in order; none: nothing has to be done, or nothing can be. */
  readonly mend: readonly Mend[]
  readonly [field: string]: unknown
}

/** One step that brings an event to its receiver. */
export type Mend =
  | { readonly action: 'resend'; readonly delivery: string }
  | { readonly action: 'enable'; readonly subscription: string }
  | { readonly action: 'resume'; readonly subscription: string }
  | { readonly action: 'rewind'; readonly subscription: string; readonly to: { readonly time: string } }
  | { readonly action: 'grant'; readonly integrationId: string; readonly tenantId: TenantId }
  | {
      readonly action: 'change'
      readonly subscription: string
      readonly change: {
        readonly types?: readonly string[]
        readonly tenants?: readonly TenantId[]
        readonly filter?: null
      }
    }
