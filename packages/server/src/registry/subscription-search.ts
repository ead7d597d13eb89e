import { type Owner, owns } from '../core/credential/caller.ts'
import { decodeCursor, encodeCursor } from '../core/ids/cursor.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { type Page, type PageRequest, pageLimit } from './page.ts'

/** Which subscriptions are listed; what is absent says nothing. */
export interface SubscriptionFilter {
  /** A part of the id, the endpoint's URL or the description, in whatever case. */
  readonly search?: string | undefined
  /** `failing`: active, and its endpoint accepts nothing at present. */
  readonly status?: 'active' | 'failing' | 'disabled' | undefined
  readonly dialect?: string | undefined
  readonly integration?: string | undefined
  /** Bound to this tenant by the credentials that made it, or asking for it by name. */
  readonly tenant?: TenantId | undefined
}

/** Looked at before others have their turn: a fraction of a millisecond. */
const lookedAtOnce = 2_000
/** Looked at for one page, which is short when there are more (invariant 8). */
const mostLookedAt = 200_000

/** Where subscriptions stand in the order of their ids. */
export interface OrderedSubscriptions {
  /** Up to `limit` of one integration or of all, with ids after `after`. */
  subscriptionPage(integrationId: string | undefined, after: string | undefined, limit: number): Subscription[]
}

/**
 * A page of the owner's subscriptions that a filter lets through, by creation. It may be short, even empty, while
 * `next` says that there is more.
 * @throws AppError `invalid_request` for a cursor of another list or a limit out of range
 */
export async function searchSubscriptions(
  ordered: OrderedSubscriptions,
  owner: Owner,
  filter: SubscriptionFilter,
  request: PageRequest,
): Promise<Page<Subscription>> {
  const limit = pageLimit(request)
  const isSought = sought(filter)
  const integrationId = owner.kind === 'operator' ? filter.integration : owner.integrationId
  const items: Subscription[] = []
  let [after] = request.cursor ? decodeCursor(request.cursor, ['string']) : [undefined]
  for (let looked = 0; looked < mostLookedAt; looked += lookedAtOnce) {
    const slice = ordered.subscriptionPage(integrationId, after, lookedAtOnce)
    for (const subscription of slice) {
      if (!owns(owner, subscription) || !isSought(subscription)) continue
      // One more than fits is there.
      if (items.length === limit) return { items, next: encodeCursor([items.at(-1)!.id]) }
      items.push(subscription)
    }
    if (slice.length < lookedAtOnce) return { items, next: null }
    after = slice.at(-1)!.id
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return { items, next: encodeCursor([after!]) }
}

function sought(filter: SubscriptionFilter): (subscription: Subscription) => boolean {
  const { status, dialect, integration, tenant } = filter
  const text = filter.search?.toLowerCase()
  return (subscription) =>
    (dialect === undefined || subscription.dialect === dialect) &&
    (integration === undefined || subscription.integrationId === integration) &&
    (status === undefined || isIn(status, subscription)) &&
    (tenant === undefined || isOf(tenant, subscription)) &&
    (text === undefined || textsOf(subscription).some((each) => each.toLowerCase().includes(text)))
}

function isIn(status: NonNullable<SubscriptionFilter['status']>, subscription: Subscription): boolean {
  const isFailing = subscription.status === 'active' && subscription.failingSince !== null
  return status === 'failing' ? isFailing : subscription.status === status
}

function isOf(tenant: TenantId, { boundTenantId, tenants }: Subscription): boolean {
  if (boundTenantId === tenant) return true
  return tenants.kind === 'list'
    ? tenants.tenantIds.includes(tenant)
    : tenants.kind === 'subtree' && tenants.tenantId === tenant
}

function textsOf({ id, endpoint, description }: Subscription): readonly string[] {
  return description === null ? [id, endpoint.url] : [id, endpoint.url, description]
}
