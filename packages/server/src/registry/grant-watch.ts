import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { GrantHistory } from '../match/grant-history.ts'
import type { Directory, DirectoryChange } from './directory.ts'
import type { GrantStanding } from './grant-standing.ts'

/** How often all subscriptions are looked at. */
const checkMs = 3_600_000
/** Expiries are gathered for so long: an application may give out tokens that end every second. */
const gatherMs = 1_000

/** Tidings' own events, as far as they tell that a subscription lost its grant. */
export interface UngrantedEvents {
  /** Told once for each `once` of a subscription, also after a restart. */
  subscription(
    type: 'subscription.ungranted',
    subscription: Subscription,
    facts: { readonly grantEndedAt: string | null },
    once: string,
  ): void
}

/**
 * Tells of active subscriptions that no tenant grants anything any more: when a grant is ended, when one expires, and
 * every hour of those that never had one. Each loss is told of once, also after a restart. Returns its stop.
 */
export function watchGrants(given: {
  readonly clock: Clock
  readonly directory: Directory
  readonly standing: GrantStanding
  readonly operational: UngrantedEvents
}): () => void {
  const { clock, directory, standing, operational } = given
  let cancel = () => {}
  let checkedMs = clock.now()
  let wholeCheckAtMs = checkedMs + gatherMs

  /** What was told of each subscription, so that a thousand grants that end do not tell of the first a thousand times. */
  const told = new Map<string, string>()

  const check = (subscriptions: Iterable<Subscription>) => {
    const histories = new Map<string, GrantHistory>()
    for (const subscription of subscriptions) {
      const { id, integrationId, status, createdAt } = subscription
      if (status !== 'active') continue
      if (standing.hasGrant(subscription)) {
        told.delete(id)
        continue
      }
      const history = histories.get(integrationId) ?? standing.historyOf(integrationId)
      histories.set(integrationId, history)
      const endedMs = standing.endedMs(subscription, history)
      const grantEndedAt = endedMs === null ? null : formatRfc3339(endedMs)
      const once = grantEndedAt ?? createdAt
      if (told.get(id) === once) continue
      told.set(id, once)
      operational.subscription('subscription.ungranted', subscription, { grantEndedAt }, once)
    }
  }
  const checkOf = (integrations: ReadonlySet<string>) => {
    for (const id of integrations) check(directory.subscriptionsOf(id))
  }
  const checkExpired = () => {
    const nowMs = clock.now()
    checkOf(new Set(directory.grants.expiredIn(checkedMs, nowMs)))
    checkedMs = nowMs
    if (nowMs >= wholeCheckAtMs) {
      wholeCheckAtMs = nowMs + checkMs
      check(directory.subscriptions.values())
    }
    schedule()
  }
  const schedule = () => {
    cancel()
    const nextMs = Math.min(directory.nextExpiryMs(checkedMs) ?? Number.POSITIVE_INFINITY, wholeCheckAtMs)
    cancel = clock.schedule(Math.max(gatherMs, nextMs - clock.now()), checkExpired)
  }
  schedule()
  const stopListening = directory.onChanged((changes) => {
    for (const { kind, id, value } of changes) if (kind === 'subscription' && value === null) told.delete(id)
    checkOf(new Set(changes.flatMap(narrowed)))
    // Subscriptions to a subtree may have lost a part of it.
    if (changes.some(hasMoved)) {
      check([...directory.subscriptions.values()].filter(({ tenants }) => tenants.kind !== 'granted'))
    }
    if (changes.some(({ kind, value }) => kind === 'token' && value !== null && value.expiresAt !== null)) schedule()
  })
  return () => {
    stopListening()
    cancel()
  }
}

/** The integration that sees less than before. */
function narrowed(change: DirectoryChange): string[] {
  return change.kind === 'token' && change.value === null && change.previous ? [change.previous.integrationId] : []
}

function hasMoved(change: DirectoryChange): boolean {
  if (change.kind !== 'tenant' || !change.previous) return false
  return change.value?.parentId !== change.previous.parentId
}
