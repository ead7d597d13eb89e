import { expect, test } from 'vitest'
import { deliveryTo } from '../core/delivery/delivery.ts'
import { soleLease } from '../core/delivery/lease.ts'
import { everyShare } from '../core/delivery/shares.ts'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { eventAt, pendingOf } from './fixtures/pending.ts'
import { nextAttemptAtMs } from './next-attempt.ts'
import { Lane } from './queue/lane.ts'
import { nothingSettled } from './settling/settling-store.ts'
import type { EndpointRest } from './turns/turns.ts'

const nowMs = 10_000

interface Case {
  readonly lanes: readonly {
    readonly number: number
    readonly queued?: boolean
    readonly status?: Subscription['status']
  }[]
  /** Due times by subscription. */
  readonly due?: Readonly<Record<number, number>>
  readonly rests?: Readonly<Record<number, number>>
}

async function nextOf({ lanes, due = {}, rests = {} }: Case): Promise<number | null> {
  const store = makeMemoryDeliveryStore()
  const waiting = Object.entries(due).map(([number, dueAtMs]) => ({
    ...deliveryTo(Number(number), eventAt(Number(number)), 1),
    ...{ attempts: 1, firstAttemptAtMs: 0, dueAtMs },
  }))
  await store.settle({ ...nothingSettled, waiting }, soleLease)
  const made = lanes.map(({ number, queued = false, status = 'active' }) => {
    const lane = new Lane(sampleSubscription('standard', { number, status }), defaultWebhookPolicy)
    if (queued) lane.push(pendingOf(eventAt(1)))
    return lane
  })
  const restOf = ({ number }: Lane): EndpointRest | null => {
    const untilMs = rests[number]
    return untilMs === undefined ? null : { untilMs, isAskedFor: false }
  }
  const nextDueMs = (excluding: ReadonlySet<number>) => store.nextDueMs({ shares: everyShare, excluding })
  return nextAttemptAtMs(made, { restOf }, nextDueMs, nowMs)
}

test.each<[string, Case, number | null]>([
  ['nothing waits', { lanes: [{ number: 1 }] }, null],
  ['a queued one may be sent now', { lanes: [{ number: 1, queued: true }], due: { 1: 50_000 } }, nowMs],
  ['the earliest that falls due', { lanes: [{ number: 1 }, { number: 2 }], due: { 1: 50_000, 2: 30_000 } }, 30_000],
  [
    'one whose endpoint rests, not before',
    { lanes: [{ number: 1 }], due: { 1: 20_000 }, rests: { 1: 40_000 } },
    40_000,
  ],
  ['one that is queued there, when it ends', { lanes: [{ number: 1, queued: true }], rests: { 1: 40_000 } }, 40_000],
  ['a disabled one waits for nothing', { lanes: [{ number: 1, status: 'disabled' }], due: { 1: 20_000 } }, null],
  [
    'another that does not rest goes first',
    { lanes: [{ number: 1 }, { number: 2 }], due: { 1: 20_000, 2: 30_000 }, rests: { 1: 40_000 } },
    30_000,
  ],
])('%s', async (_what, given, expected) => {
  expect(await nextOf(given)).toBe(expected)
})
