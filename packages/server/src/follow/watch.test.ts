import { expect, test } from 'vitest'
import type { AccessToken, RecognisedGrant } from '../core/registry/registry.ts'
import { ManualClock } from '../core/time/clock.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { newEvents } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { startWatch, type WatchDeps } from './watch.ts'

const dayMs = 86_400_000
const retentionMs = 14 * dayMs

function watch(some: (clock: ManualClock) => Partial<WatchDeps> = () => ({})) {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  const expiring: string[] = []
  const lagging: (readonly [string, number])[] = []
  const failures: unknown[] = []
  const deps: WatchDeps = {
    ...{ log, clock, retentionMs, tokens: () => [], subscriptions: () => [], settledTo: () => 0 },
    expiring: ({ id }) => expiring.push(id),
    lagging: ({ id }, behind) => lagging.push([id, behind]),
    onFailure: (error) => failures.push(error),
    ...some(clock),
  }
  return { clock, log, expiring, lagging, failures, stop: startWatch(deps) }
}

function token(id: string, madeAtMs: number, endMs: number | null, recognised?: RecognisedGrant): AccessToken {
  return {
    ...{ id, integrationId: 'int_1', tenantId: 1, hash: '', types: null, createdAt: formatRfc3339(madeAtMs) },
    expiresAt: endMs === null ? null : formatRfc3339(endMs),
    ...(recognised && { recognised }),
  }
}

test('a grant that ends within a week is told of, every hour', async () => {
  const { clock, expiring } = watch((clock) => {
    const now = clock.now()
    return {
      tokens: () => [
        token('soon', now - 30 * dayMs, now + 6 * dayMs),
        token('late', now - 30 * dayMs, now + 8 * dayMs),
        token('never', now - 30 * dayMs, null),
        token('over', now - 30 * dayMs, now - dayMs),
        // Whoever made it for so short a time makes another.
        token('short', now - dayMs, now + 5 * dayMs),
        token('proven', now - 30 * dayMs, now + 6 * dayMs, {} as RecognisedGrant),
      ],
    }
  })
  await clock.advance(1_000)
  expect(expiring).toEqual(['soon'])
  await clock.advance(3_600_000)
  expect(expiring).toEqual(['soon', 'soon'])
})

test('a subscription whose next event retention is about to take is told of, with what it is behind', async () => {
  const settled = { sub_1: 10, sub_2: 3, sub_3: 2 }
  const subscriptions = Object.keys(settled).map((id, index) =>
    sampleSubscription('standard', { id, number: index + 1 }),
  )
  const { clock, log, lagging, failures } = watch(() => ({
    subscriptions: () => subscriptions,
    settledTo: (number) => Object.values(settled)[number - 1]!,
  }))
  await log.append(newEvents(3))
  await clock.advance(2 * dayMs)
  await log.append(newEvents(7, (index) => ({ id: `later-${index}` })))
  await clock.advance(retentionMs * 0.9 - dayMs)
  expect([new Set(lagging.map(([id]) => id)), failures]).toEqual([new Set(['sub_3']), []])
  expect(lagging[0]).toEqual(['sub_3', 8])
})

test('where nobody is behind, the log is not asked for its times', async () => {
  const { clock, failures } = watch((clock) => ({
    log: Object.assign(new MemoryLog({ clock }), { positionBefore: () => Promise.reject(new Error('asked')) }),
    subscriptions: () => [sampleSubscription('standard')],
  }))
  await clock.advance(3_600_000)
  expect(failures).toEqual([])
})

test('a look that fails is told, and the next one comes; none comes once it is stopped', async () => {
  let looks = 0
  const { clock, failures, stop } = watch(() => ({
    tokens: () => {
      looks += 1
      throw new Error('the registry does not answer')
    },
  }))
  await clock.advance(1_000 + 3_600_000)
  expect([looks, failures.length]).toEqual([2, 2])
  stop()
  await clock.advance(dayMs)
  expect([looks, clock.nextDueMs()]).toEqual([2, undefined])
})
