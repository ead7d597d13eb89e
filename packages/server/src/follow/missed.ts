import { sharesOf } from '../core/delivery/shares.ts'
import type { SkippedSpan } from '../core/delivery/skipped-span.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { DueStore } from '../deliver/due-store.ts'
import type { EventLog } from '../log/event-log.ts'
import { firstAfter, lastUpTo } from '../log/look-up.ts'
import { type CompiledSubscription, isMatch } from '../match/compiled-subscription.ts'
import type { Grants } from '../match/grants.ts'

/** The skipped events of a span, as far as the log still holds them. */
export interface MissedSpan extends SkippedSpan {
  /** Events that are its subscription's and are in no delivery of it; or, if not exact, at most so many. */
  readonly events: number
  readonly isExact: boolean
  /** Events of the log, anybody's, that retention has dropped since: they cannot be brought back. */
  readonly dropped: number
  /** When the first and the last of its events were appended that are still there; null: none is. */
  readonly firstAtMs: number | null
  readonly lastAtMs: number | null
}

export interface MissedDeps {
  readonly log: EventLog
  readonly due: DueStore
  readonly grants: Grants
  readonly partition: number
}

interface MissedQuestion {
  readonly compiled: CompiledSubscription
  /** What was due while no grant stood was not missed. */
  readonly isWithheld: (event: StoredEvent) => boolean
}

const sliceEvents = 1_000
const sliceBytes = 1024 * 1024
/** Events that one answer reads to count; of what is beyond only the upper bound is told (invariant 8). */
const countedCap = 50_000

/** @param cap of the events that are read, over all spans */
export async function missedSpans(
  deps: MissedDeps,
  question: MissedQuestion,
  spans: readonly SkippedSpan[],
  cap: number = countedCap,
): Promise<MissedSpan[]> {
  const missed: MissedSpan[] = []
  let left = cap
  // The newest are the ones that somebody asks about.
  for (const span of spans.toReversed()) {
    const counted = await countSpan(deps, question, span, left)
    left -= counted.read
    missed.push(counted.missed)
  }
  return missed
}

async function countSpan(
  deps: MissedDeps,
  { compiled, isWithheld }: MissedQuestion,
  span: SkippedSpan,
  cap: number,
): Promise<{ readonly missed: MissedSpan; readonly read: number }> {
  const { log, partition } = deps
  const from = Math.max(span.after, Math.min(span.to, log.bounds(partition).earliest))
  const facts = { ...span, dropped: from - span.after }
  const last = await lastUpTo(log, partition, { after: from, to: span.to })
  const first = last && (await firstAfter(log, partition, from))
  if (!first) return { missed: { ...facts, events: 0, isExact: true, firstAtMs: null, lastAtMs: null }, read: 0 }
  let place = from
  let events = 0
  let read = 0
  while (place < span.to && read < cap) {
    const request = { partition, after: place, maxBytes: sliceBytes, maxEvents: Math.min(sliceEvents, cap - read) }
    const slice = await log.read(request)
    const next = Math.min(slice.next, span.to)
    if (next <= place) break
    const inDelivery = await deliveredIn(deps, compiled.subscription.number, place, next)
    for (const event of slice.events) {
      if (event.position > span.to) break
      read += 1
      if (!isMatch(compiled, event, deps.grants) || inDelivery.has(event.position)) continue
      if (!isWithheld(event)) events += 1
    }
    place = next
  }
  const uncounted = span.to - place
  const isExact = uncounted === 0
  const times = { firstAtMs: first.appendedAtMs, lastAtMs: last.appendedAtMs }
  return { missed: { ...facts, events: events + uncounted, isExact, ...times }, read }
}

/** Positions that have a delivery: sent, waiting, or ended. */
export async function deliveredIn(
  { due, partition }: MissedDeps,
  subscription: number,
  after: number,
  to: number,
): Promise<ReadonlySet<number>> {
  const place = { subscription, partition, after, to }
  const shares = sharesOf(subscription)
  const [known, delivered] = await Promise.all([
    due.knownAfter({ shares, ...place }),
    due.deliveredAfter(shares, [{ ...place, sinceMs: 0 }]),
  ])
  return new Set([...known, ...delivered].map(({ position }) => position))
}
