import type { StoredEvent } from '../core/event/event.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { type CompiledSubscription, isMatch } from '../match/compiled-subscription.ts'
import type { GrantHistory } from '../match/grant-history.ts'
import { deliveredIn, type MissedDeps } from './missed.ts'

/** Events that a subscription would have been sent, had a grant stood. */
export interface NotGranted {
  readonly events: number
  /** False: these are of the newest part of the log alone. */
  readonly isExact: boolean
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Whose they are, most events first; at most twenty. */
  readonly tenants: readonly { readonly tenantId: TenantId; readonly events: number }[]
}

/**
 * Who asks. To an integration, an event that it may not read now does not exist (invariant 7): with a filter, a count
 * alone would tell what stands in the events of a tenant that took its grant back.
 */
export type Asker = 'operator' | 'integrator'

interface Span {
  readonly after: number
  readonly to: number
}

const mostTenants = 20
const sliceEvents = 1_000
const sliceBytes = 1024 * 1024

/**
 * What was not sent because a grant had ended before it was appended, or has ended since and there is no delivery of it.
 *
 * @param cap of the events that are read, the newest ones
 */
export function withheldEvents(
  deps: MissedDeps,
  compiled: CompiledSubscription,
  history: GrantHistory,
  span: Span,
  cap: number,
  asker: Asker,
): Promise<NotGranted | null> {
  const isLackingGrant = (event: StoredEvent) => {
    const atMs = event.appendedAtMs
    if (!isMatch(compiled, event, history.upTo(atMs))) return false
    return isMatch(compiled, event, deps.grants) ? !isMatch(compiled, event, history.at(atMs)) : asker === 'operator'
  }
  return count(deps, compiled, history, { span, cap, isLackingGrant, areDeliveredLeftOut: true })
}

/** What is not sent when the events of the span are read again now: none of it may be read now, so only the operator is told. */
export function withheldNow(
  deps: MissedDeps,
  compiled: CompiledSubscription,
  history: GrantHistory,
  span: Span,
  cap: number,
): Promise<NotGranted | null> {
  const isLackingGrant = (event: StoredEvent) => !isMatch(compiled, event, deps.grants)
  return count(deps, compiled, history, { span, cap, isLackingGrant, areDeliveredLeftOut: false })
}

/** Whether the event was due but for a grant that had ended when it was appended. */
export function isWithheld(compiled: CompiledSubscription, event: StoredEvent, history: GrantHistory): boolean {
  if (!history.hasEnded) return false
  const atMs = event.appendedAtMs
  return isMatch(compiled, event, history.upTo(atMs)) && !isMatch(compiled, event, history.at(atMs))
}

async function count(
  deps: MissedDeps,
  compiled: CompiledSubscription,
  history: GrantHistory,
  question: {
    readonly span: Span
    readonly cap: number
    readonly isLackingGrant: (event: StoredEvent) => boolean
    readonly areDeliveredLeftOut: boolean
  },
): Promise<NotGranted | null> {
  if (!history.hasEnded) return null
  const { log, partition } = deps
  const { span, cap, isLackingGrant, areDeliveredLeftOut } = question
  const earliest = Math.max(span.after, log.bounds(partition).earliest)
  const after = Math.max(earliest, span.to - cap)
  const everGranted = history.upTo(Number.POSITIVE_INFINITY)
  const byTenant = new Map<TenantId, number>()
  let events = 0
  let firstAtMs: number | null = null
  let lastAtMs = 0
  for (let place = after; place < span.to; ) {
    const slice = await log.read({ partition, after: place, maxBytes: sliceBytes, maxEvents: sliceEvents })
    const next = Math.min(slice.next, span.to)
    if (next <= place) break
    const lacking = slice.events.filter(
      (event) => event.position <= span.to && isMatch(compiled, event, everGranted) && isLackingGrant(event),
    )
    const isLookedUp = areDeliveredLeftOut && lacking.length > 0
    const inDelivery = isLookedUp ? await deliveredIn(deps, compiled.subscription.number, place, next) : null
    for (const { position, tenantId, appendedAtMs } of lacking) {
      if (inDelivery?.has(position)) continue
      events += 1
      firstAtMs ??= appendedAtMs
      lastAtMs = appendedAtMs
      byTenant.set(tenantId, (byTenant.get(tenantId) ?? 0) + 1)
    }
    place = next
  }
  if (firstAtMs === null) return null
  const tenants = [...byTenant].sort((a, b) => b[1] - a[1]).slice(0, mostTenants)
  return {
    events,
    isExact: after === earliest,
    firstAtMs,
    lastAtMs,
    tenants: tenants.map(([tenantId, own]) => ({ tenantId, events: own })),
  }
}
