import { decodeDeliveryId } from '../core/delivery/delivery-id.ts'
import { type TenantId, tenantIdOfDigits } from '../core/ids/tenant-id.ts'
import type { RegistryKind, RegistryRecords } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'

/** Which integration and which tenant a record is about; null: none. */
export interface Belonging {
  readonly integrationId: string | null
  readonly tenantId: TenantId | null
}

type Fields = {
  readonly integrationId?: unknown
  readonly tenantId?: TenantId
  readonly boundTenantId?: TenantId | null
  readonly portal?: { readonly integrationId: string; readonly tenantId?: TenantId | null } | null
}

/** @param record as it is, or was before it was deleted; null: there is none */
export function belongingOf(kind: RegistryKind, id: string, record: unknown): Belonging {
  if (kind === 'tenant') return { integrationId: null, tenantId: tenantIdOfDigits(id) ?? null }
  if (kind === 'integration') return { integrationId: id, tenantId: null }
  const { integrationId, tenantId, boundTenantId, portal } = (record ?? {}) as Fields
  const owner = integrationId ?? portal?.integrationId
  return {
    integrationId: typeof owner === 'string' ? owner : null,
    tenantId: tenantId ?? boundTenantId ?? portal?.tenantId ?? null,
  }
}

/** Whose the parts of routes are that a request changes without a commit. */
export class RequestedBelongings {
  readonly #directory: Directory
  readonly #epoch: number

  /** @param epoch of the log, which delivery ids are made with */
  constructor(directory: Directory, epoch: number) {
    this.#directory = directory
    this.#epoch = epoch
  }

  /** Null: nobody's. */
  belongingOf(collection: string, id: string): Belonging | null {
    const { subscriptions } = this.#directory
    const delivery = collection === 'deliveries' ? decodeDeliveryId(id, this.#epoch) : undefined
    const found = delivery ? subscriptions.withKey(delivery.subscription) : subscriptions.get(id)
    return found ? belongingOf('subscription', found.id, found) : null
  }
}

/** The record as the directory shows it. */
export function recordOf(directory: Directory, kind: RegistryKind, id: string): RegistryRecords[RegistryKind] | null {
  switch (kind) {
    case 'tenant':
      return directory.tenant(tenantIdOfDigits(id)!) ?? null
    case 'integration':
      return directory.integrations.get(id) ?? null
    case 'token':
      return directory.grants.get(id)?.token ?? null
    case 'endedGrant':
      return directory.endedGrants.get(id) ?? null
    case 'endedToken':
      return directory.endedTokens.get(id) ?? null
    case 'key':
      return directory.keys.get(id) ?? null
    case 'subscription':
      return directory.subscriptions.get(id) ?? null
    case 'deletedSubscription':
      return directory.deletedSubscriptions.get(id) ?? null
    case 'eventType':
      return directory.eventTypes.get(id) ?? null
    case 'dialectRecord':
      return directory.dialectRecords.get(id) ?? null
    case 'session':
      return directory.sessions.get(id) ?? null
    case 'signInLink':
      return directory.signInLinks.get(id) ?? null
    case 'resend':
      return directory.resends.get(id) ?? null
    default:
      return kind satisfies never
  }
}
