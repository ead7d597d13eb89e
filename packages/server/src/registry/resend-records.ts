import { AppError } from '../core/errors.ts'
import type { Resend, ResendFilter, Subscription } from '../core/registry/registry.ts'
import type { ResendRecords } from '../deliver/resend-runs.ts'
import type { Directory } from './directory.ts'
import type { Registry } from './registry.ts'
import { dropRecord, putRecord } from './writes.ts'

/** Of one integration so many are kept that have ended. */
const mostEnded = 100

/**
 * Notes that a resend begins. One of a subscription runs at a time; one that a failure ended gives way.
 *
 * @throws AppError `conflict` while another runs
 */
export function beginResend(
  registry: Registry,
  { id: subscriptionId, integrationId, boundTenantId, visibleTypes }: Subscription,
  filter: ResendFilter,
  isInterrupted: (id: string) => boolean,
): Promise<Resend> {
  return registry.change((directory) => {
    const own = runningIn(directory.resendsOf(integrationId))
    const under = own.filter((other) => other.subscriptionId === subscriptionId)
    const live = under.find(({ id }) => !isInterrupted(id))
    if (live) {
      const detail = `A resend of this subscription is running, ${live.id}: wait for its end, or cancel it.`
      throw new AppError('conflict', detail)
    }
    const resend: Resend = {
      ...{ id: registry.newId('rsd'), subscriptionId, integrationId, boundTenantId, visibleTypes, filter },
      ...{ status: 'running', resent: 0, skipped: 0, cursor: null, startedAt: registry.now(), endedAt: null },
    }
    const ended = under.map((other) => put(directory, { ...other, status: 'interrupted', endedAt: registry.now() }))
    return { writes: [...ended, putRecord('resend', resend, 0)], result: resend }
  })
}

/** Ends a resend after the page under way; one that has ended stays as it is. Undefined: there is none. */
export function cancelResend(registry: Registry, id: string): Promise<Resend | undefined> {
  return changed(registry, id, (current) =>
    current.status === 'running' ? { ...current, status: 'cancelled', endedAt: registry.now() } : current,
  )
}

/** @param retentionMs how long one that has ended is kept */
export function resendRecords(registry: Registry, retentionMs: number): ResendRecords {
  const { directory } = registry
  return {
    get: (id) => directory.resends.get(id),
    running: () => runningIn(directory.resends.values()),
    advance: (id, { resent, skipped, next }) =>
      changed(registry, id, (current) => ({
        ...current,
        resent: current.resent + resent,
        skipped: current.skipped + skipped,
        cursor: next,
        // Cancelled meanwhile, it stays so, with what the last page did.
        ...(next === null && current.status === 'running' && { status: 'done', endedAt: registry.now() }),
      })),
    async end(id) {
      await cancelResend(registry, id)
    },
    dropOld: (integrationId) =>
      registry.change(() => {
        const all = directory.resendPage(integrationId, undefined, directory.resends.size)
        return { writes: oldResends(all, registry.nowMs() - retentionMs), result: undefined }
      }),
  }
}

function oldResends(all: readonly Resend[], beforeMs: number) {
  const kept = new Map<string, number>()
  return all
    .toReversed()
    .filter(({ status, integrationId, endedAt }) => {
      if (status === 'running') return false
      const newer = kept.get(integrationId) ?? 0
      kept.set(integrationId, newer + 1)
      return newer >= mostEnded || Date.parse(endedAt ?? '') < beforeMs
    })
    .map(({ id }) => dropRecord('resend', id))
}

function runningIn(resends: Iterable<Resend>): Resend[] {
  return [...resends].filter(({ status }) => status === 'running')
}

function changed(registry: Registry, id: string, change: (current: Resend) => Resend): Promise<Resend | undefined> {
  return registry.change((directory) => {
    const current = directory.resends.get(id)
    const next = current && change(current)
    return { writes: next && next !== current ? [put(directory, next)] : [], result: next }
  })
}

function put(directory: Directory, resend: Resend) {
  return putRecord('resend', resend, directory.revisionOf('resend', resend.id))
}
