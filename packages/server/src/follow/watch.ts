import { onlyPartition } from '../core/event/partition.ts'
import type { AccessToken, Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import { epochMsOf } from '../core/time/time.ts'
import type { EventLog } from '../log/event-log.ts'

const checkMs = 3_600_000
/** How long before its end a token's grant is told to be ending. */
const noticeMs = 7 * 86_400_000

export interface WatchDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly retentionMs: number
  readonly tokens: () => Iterable<AccessToken>
  readonly subscriptions: () => Iterable<Subscription>
  /** How far everything of a subscription is settled. */
  readonly settledTo: (number: number) => number
  readonly expiring: (token: AccessToken) => void
  /** Events that it has not had yet are dropped within a tenth of the retention. */
  readonly lagging: (subscription: Subscription, behind: number) => void
  readonly onFailure: (error: unknown) => void
}

/** Looks every hour for what is about to be lost: tokens that end, and subscriptions that retention overtakes. Returns its stop. */
export function startWatch(deps: WatchDeps): () => void {
  let cancel = () => {}
  let isStopped = false
  const check = async () => {
    try {
      tellExpiring(deps)
      await tellLagging(deps)
    } catch (error) {
      if (!isStopped) deps.onFailure(error)
    }
    if (!isStopped)
      cancel = deps.clock.schedule(Math.min(checkMs, Math.max(1_000, deps.retentionMs / 20)), () => void check())
  }
  cancel = deps.clock.schedule(1_000, () => void check())
  return () => {
    isStopped = true
    cancel()
  }
}

function tellExpiring({ clock, tokens, expiring }: WatchDeps): void {
  const nowMs = clock.now()
  for (const token of tokens()) {
    // A grant that an authority's tokens prove ends and is proven again all the time, so no warning is due.
    if (token.expiresAt === null || token.recognised) continue
    const endMs = epochMsOf(token.expiresAt)
    // A token made for less than the notice is renewed by whoever made it so.
    const isLongLived = endMs - epochMsOf(token.createdAt) > noticeMs
    if (isLongLived && endMs > nowMs && endMs - nowMs <= noticeMs) expiring(token)
  }
}

async function tellLagging({ log, clock, retentionMs, subscriptions, settledTo, lagging }: WatchDeps): Promise<void> {
  const { latest } = log.bounds(onlyPartition)
  const behind = [...subscriptions()]
    .map((subscription) => ({ subscription, position: settledTo(subscription.number) }))
    .filter(({ position }) => position < latest)
  // Mostly nobody is, and the log need not be asked: asking starts a thread.
  if (behind.length === 0) return
  const soon = await log.positionBefore(onlyPartition, clock.now() - retentionMs * 0.9)
  for (const { subscription, position } of behind) if (position < soon) lagging(subscription, latest - position)
}
