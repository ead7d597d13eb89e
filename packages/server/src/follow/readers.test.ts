import { expect, test } from 'vitest'
import { everyShare } from '../core/delivery/shares.ts'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { answered, openWebhooks } from './fixtures/webhooks.ts'

const fromStart = { mode: 'own', position: 0, reason: 'rewind', isPartial: false, skips: null } as const

test('what the store refuses is not told as durable, and is written once it can be', async () => {
  const { append, refuse, set, store, webhooks, whilePassing, clock } = await openWebhooks()
  set(1)
  webhooks.start()
  await append('a')
  await clock.advance(1_000)
  refuse('settle')
  const { readership } = webhooks
  await expect(whilePassing(readership.pauseCatchUp(1))).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(whilePassing(readership.resumeCatchUp(1))).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(whilePassing(readership.place(1, fromStart))).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(whilePassing(readership.pauseCatchUp(1))).rejects.toMatchObject({ code: 'storage_unavailable' })
  refuse()
  await clock.advance(5_000)
  const { progress } = await store.load(everyShare)
  expect(progress).toMatchObject([{ subscription: 1, catchUp: { pausedAtMs: expect.any(Number) } }])
  await webhooks.stop()
})

test.each(['settle', 'reopen'] as const)(
  'a rewind that the store refuses at `%s` is read all the same',
  async (call) => {
    const { append, positionsOf, refuse, set, webhooks, whilePassing, clock } = await openWebhooks()
    set(1)
    webhooks.start()
    await append('a', 'b')
    await clock.advance(1_000)
    expect(positionsOf(1)).toEqual([1, 2])
    refuse(call)
    await expect(whilePassing(webhooks.readership.place(1, fromStart))).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    refuse()
    await clock.advance(5_000)
    expect(positionsOf(1)).toEqual([1, 2, 1, 2])
    expect(webhooks.readership.reading(1)?.catchUp).toBeNull()
    await webhooks.stop()
  },
)

test('what a disabled subscription still has to send goes on when it is enabled from the middle of that', async () => {
  const { append, answerWith, positionsOf, set, webhooks, whilePassing, clock } = await openWebhooks({
    policies: { policyOf: () => ({ ...defaultWebhookPolicy, retriesWhileDisabled: true }) },
  })
  const held = Promise.withResolvers<void>()
  answerWith(() => held.promise.then(() => answered(200)))
  set(1)
  webhooks.start()
  await append(...Array.from({ length: 20 }, (_, index) => `event-${index}`))
  await clock.advance(1_000)
  const begun = positionsOf(1).length
  expect(begun).toBeLessThan(15)
  set(1, { status: 'disabled' })
  const middle = { mode: 'own', position: 18, reason: 'enable', isPartial: false, skips: 'enabled_from_time' } as const
  await whilePassing(webhooks.readership.place(1, middle))
  set(1, { status: 'active' })
  held.resolve()
  await clock.advance(10_000)
  expect(positionsOf(1).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  expect(webhooks.readership.reading(1)?.skipped).toEqual([])
  await webhooks.stop()
})

test('an attempt that is under way through a pause holds the place back until it ends', async () => {
  const { log, answerWith, positionsOf, set, store, webhooks, whilePassing, clock } = await openWebhooks()
  const first = Promise.withResolvers<void>()
  answerWith(async (position) => {
    if (position === 1) await first.promise
    return position === 3 ? new Promise(() => {}) : answered(200)
  })
  set(1, { ordering: 'entity' })
  webhooks.start()
  // The second waits for the first of its entity, and the third overtakes it.
  await log.append(['same', 'same', 'other'].map((entityKey, index) => newEvent({ id: `event-${index}`, entityKey })))
  await clock.advance(1_000)
  expect(positionsOf(1)).toEqual([1, 3])
  await whilePassing(webhooks.readership.pauseCatchUp(1))
  await whilePassing(webhooks.readership.resumeCatchUp(1))
  first.resolve()
  await clock.advance(10_000)
  expect(positionsOf(1)).toEqual([1, 3, 2])
  expect((await store.load(everyShare)).progress).toMatchObject([{ subscription: 1, position: 2, sequence: 2 }])
})

test('one that cannot keep up right after it has joined is read for again', async () => {
  const { append, answerWith, clock, set, webhooks } = await openWebhooks()
  const held = Promise.withResolvers<void>()
  answerWith(() => held.promise.then(() => answered(200)))
  webhooks.start()
  await webhooks.readership.place(1, fromStart)
  set(1)
  // It has nothing to catch up with, so it joins in the same turn in which the events below fill its lane.
  await append(...Array.from({ length: 500 }, (_, index) => String(index)))
  await clock.advance(1_000)
  expect(webhooks.readership.reading(1)).toMatchObject({
    mode: 'own',
    catchUp: { reason: 'behind' },
    pace: expect.any(Object),
  })
  held.resolve()
  await clock.advance(60_000)
  expect(webhooks.readership.settledTo(1)).toBe(500)
  await webhooks.stop()
})
