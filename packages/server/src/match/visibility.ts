import type { StoredEvent } from '../core/event.ts'
import { integrationOf, isOperational } from '../core/operational-event.ts'
import type { TenantId } from '../core/tenant-id.ts'
import type { Grants } from './grants.ts'

/** Whose eyes an event is read with. */
export type Viewer =
  /** The application itself: operators and publishers. */
  | { readonly sees: 'everything' }
  | { readonly sees: 'nothing' }
  /** An integration; with `tenantId` of that tenant alone, else of all tenants that granted it. */
  | { readonly sees: 'granted'; readonly integrationId: string; readonly tenantId: TenantId | null }

/** Whether the viewer may read the event now. What it may not read does not exist for it (invariant 7). */
export function isVisible(
  viewer: Viewer,
  event: Pick<StoredEvent, 'tenantId' | 'type' | 'entityKey'>,
  grants: Pick<Grants, 'direct'>,
): boolean {
  if (viewer.sees !== 'granted') return viewer.sees === 'everything'
  const { integrationId, tenantId } = viewer
  if (tenantId !== null && tenantId !== event.tenantId) return false
  return isOperational(event.type)
    ? integrationOf(event) === integrationId
    : (grants.direct(integrationId, event.tenantId)?.allows(event.type) ?? false)
}
