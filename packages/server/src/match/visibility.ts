import type { StoredEvent } from '../core/event/event.ts'
import { integrationOf, isOperational } from '../core/event/operational-event.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Grants } from './grants.ts'

/** Whose eyes an event is read with. */
export type Viewer =
  /** The application itself: operators and publishers. */
  | { readonly sees: 'everything' }
  | { readonly sees: 'nothing' }
  /** An integration by its own credentials: what all its tokens show together, of all tenants that granted it or of one. */
  | { readonly sees: 'granted'; readonly integrationId: string; readonly tenantId: TenantId | null }
  /** Whoever brings an access token: its tenant and its types, however much other tokens show. */
  | {
      readonly sees: 'by-token'
      readonly integrationId: string
      readonly tenantId: TenantId
      readonly tokenId: string
    }

/** Whether the viewer may read the event now. What it may not read does not exist for it (invariant 7). */
export function isVisible(
  viewer: Viewer,
  event: Pick<StoredEvent, 'tenantId' | 'type' | 'entityKey'>,
  grants: Pick<Grants, 'direct' | 'ofToken'>,
): boolean {
  const isIts = (integrationId: string) => !isOperational(event.type) || integrationOf(event) === integrationId
  switch (viewer.sees) {
    case 'everything':
      return true
    case 'nothing':
      return false
    case 'granted':
      if (viewer.tenantId !== null && viewer.tenantId !== event.tenantId) return false
      if (isOperational(event.type)) return isIts(viewer.integrationId)
      return grants.direct(viewer.integrationId, event.tenantId)?.allows(event.type) ?? false
    case 'by-token':
      if (viewer.tenantId !== event.tenantId || !isIts(viewer.integrationId)) return false
      return grants.ofToken(viewer.tokenId)?.allows(event.type) ?? false
    default:
      return viewer satisfies never
  }
}
