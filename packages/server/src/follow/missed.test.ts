import { expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { compileSubscription } from '../match/compiled-subscription.ts'
import { everything } from './fixtures/webhooks.ts'
import { missedSpans } from './missed.ts'

/** Four events, a second apart, with four empty positions before each. */
async function sparse() {
  const clock = new ManualClock()
  const startMs = clock.now()
  const log = new MemoryLog({ clock, holeBefore: () => 4 })
  for (let index = 0; index < 4; index++) {
    await log.append([newEvent({ id: `event-${index}` })])
    await clock.advance(1_000)
  }
  expect(log.bounds(0).latest).toBe(20)
  const subscription = sampleSubscription('standard', { types: ['*'] })
  const question = { compiled: compileSubscription(subscription, () => true), isWithheld: () => false }
  const deps = { log, due: makeMemoryDeliveryStore(), grants: everything, partition: 0 }
  const missed = async (after: number, to: number, cap?: number) => {
    const span = { after, to, reason: 'retention', atMs: startMs, isReadAgain: false } as const
    const [told] = await missedSpans(deps, question, [span], cap)
    const { firstAtMs, lastAtMs, ...rest } = told!
    const second = (ms: number | null) => (ms === null ? null : (ms - startMs) / 1_000)
    return { ...rest, first: second(firstAtMs), last: second(lastAtMs) }
  }
  return { missed }
}

test('a span that begins or ends where no event stands tells of the events in it', async () => {
  const { missed } = await sparse()
  expect(await missed(5, 18)).toMatchObject({ events: 2, isExact: true, first: 1, last: 2 })
  expect(await missed(7, 20)).toMatchObject({ events: 3, isExact: true, first: 1, last: 3 })
  expect(await missed(0, 5)).toMatchObject({ events: 1, isExact: true, first: 0, last: 0 })
  expect(await missed(11, 14)).toMatchObject({ events: 0, isExact: true, first: null, last: null })
})

test('what is not counted is told as at most so many, with the time of its last event', async () => {
  const { missed } = await sparse()
  const told = await missed(0, 18, 1)
  expect(told).toMatchObject({ isExact: false, first: 0, last: 2 })
  expect(told.events).toBeGreaterThanOrEqual(3)
})
