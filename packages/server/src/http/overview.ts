import { type Owner, owns } from '../core/credential/caller.ts'
import type { AttemptError } from '../core/delivery/delivery.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { HistoryStore, Undelivered } from '../deliver/history/history-store.ts'
import type { OrderedSubscriptions } from '../registry/subscription-search.ts'

/** Why somebody should look at a subscription. */
export type AttentionReason = 'failing' | 'disabled' | 'undelivered' | 'no_grant' | 'paused'

export interface NeedsAttention {
  readonly subscription: Subscription
  readonly reasons: readonly AttentionReason[]
  /** Counted up to `mostCountedEach`. */
  readonly waiting: number
  readonly failed: number
  /** Why the newest of them was not accepted; null: none of them was attempted. */
  readonly error: AttemptError | null
}

/** How the owner's subscriptions fare, all together. */
export interface Overview {
  readonly subscriptions: {
    readonly total: number
    readonly failing: number
    readonly disabled: number
    readonly withoutGrant: number
  }
  readonly deliveries: {
    readonly waiting: number
    readonly failed: number
    /** False: there are more than were counted. */
    readonly isExact: boolean
  }
  readonly attention: {
    readonly total: number
    /** Those that are worst off, first. */
    readonly items: readonly NeedsAttention[]
  }
}

export interface OverviewDeps {
  readonly ordered: OrderedSubscriptions
  readonly history: Pick<HistoryStore, 'undelivered' | 'list'>
  readonly standing: { hasGrant(subscription: Subscription): boolean }
  /** Whether nothing is read for the subscription until somebody lets it go on. */
  readonly readings: { isPaused(subscription: Subscription): boolean }
}

/** Subscriptions that are looked at before others have their turn. */
const lookedAtOnce = 2_000
/** Deliveries of one subscription that are counted, of each kind (invariant 8). */
export const mostCountedEach = 10_000
/** Subscriptions with something undelivered that are counted; further ones stand in no sum (invariant 8). */
const mostSubscriptionsCounted = 1_000
const countedAtOnce = 250
const mostShown = 50

/** What needs somebody, of everything that the owner has. Looks at every subscription, in slices. */
export async function standingOf(deps: OverviewDeps, owner: Owner): Promise<Overview> {
  const { counts, isWhole } = await undelivered(deps)
  const subscriptions = { total: 0, failing: 0, disabled: 0, withoutGrant: 0 }
  const deliveries = { waiting: 0, failed: 0, isExact: isWhole }
  const rows: Omit<NeedsAttention, 'error'>[] = []
  for await (const subscription of all(deps, owner)) {
    const { waiting, failed } = counts.get(subscription.number) ?? { waiting: 0, failed: 0 }
    const reasons = reasonsOf(deps, subscription, waiting + failed)
    subscriptions.total += 1
    if (reasons.includes('failing')) subscriptions.failing += 1
    if (reasons.includes('disabled')) subscriptions.disabled += 1
    if (reasons.includes('no_grant')) subscriptions.withoutGrant += 1
    deliveries.waiting += waiting
    deliveries.failed += failed
    if (waiting === mostCountedEach || failed === mostCountedEach) deliveries.isExact = false
    if (reasons.length > 0) rows.push({ subscription, reasons, waiting, failed })
  }
  rows.sort(byUrgency)
  const items = rows.slice(0, mostShown).map(async (row) => ({ ...row, error: await newestError(deps, row) }))
  return { subscriptions, deliveries, attention: { total: rows.length, items: await Promise.all(items) } }
}

const undeliveredStatuses = new Set(['waiting', 'failed'] as const)

async function newestError(
  { history }: OverviewDeps,
  { subscription, waiting, failed }: Omit<NeedsAttention, 'error'>,
): Promise<AttemptError | null> {
  if (waiting + failed === 0) return null
  const newest = { subscriptions: [subscription.number], statuses: undeliveredStatuses, limit: 1, cursor: null }
  const { rows } = await history.list(newest)
  return rows[0]?.lastAttempt?.error ?? null
}

async function* all({ ordered }: OverviewDeps, owner: Owner): AsyncIterable<Subscription> {
  const integrationId = owner.kind === 'operator' ? undefined : owner.integrationId
  for (let after: string | undefined; ; ) {
    const slice = ordered.subscriptionPage(integrationId, after, lookedAtOnce)
    for (const subscription of slice) if (owns(owner, subscription)) yield subscription
    if (slice.length < lookedAtOnce) return
    after = slice.at(-1)!.id
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

async function undelivered({ history }: OverviewDeps) {
  const counts = new Map<number, Undelivered>()
  for (let after = -1; counts.size < mostSubscriptionsCounted; ) {
    const page = await history.undelivered({ after, limit: countedAtOnce, cap: mostCountedEach })
    for (const each of page) counts.set(each.subscription, each)
    if (page.length < countedAtOnce) return { counts, isWhole: true }
    after = page.at(-1)!.subscription
  }
  return { counts, isWhole: false }
}

function reasonsOf(
  { standing, readings }: OverviewDeps,
  subscription: Subscription,
  undelivered: number,
): AttentionReason[] {
  const reasons: AttentionReason[] = []
  const isActive = subscription.status === 'active'
  if (isActive && subscription.failingSince !== null) reasons.push('failing')
  if (!isActive) reasons.push('disabled')
  if (undelivered > 0) reasons.push('undelivered')
  if (isActive && readings.isPaused(subscription)) reasons.push('paused')
  if (!standing.hasGrant(subscription)) reasons.push('no_grant')
  return reasons
}

const urgency: readonly AttentionReason[] = ['failing', 'undelivered', 'paused', 'disabled', 'no_grant']

type Ranked = Pick<NeedsAttention, 'reasons' | 'waiting' | 'failed'>

function byUrgency(a: Ranked, b: Ranked): number {
  return rankOf(a) - rankOf(b) || b.waiting + b.failed - (a.waiting + a.failed)
}

function rankOf({ reasons }: Ranked): number {
  return Math.min(...reasons.map((reason) => urgency.indexOf(reason)))
}
