import { expect, test } from 'vitest'
import { everyShare } from '../core/delivery/shares.ts'
import { answered, openWebhooks } from './fixtures/webhooks.ts'

const fromStart = { mode: 'own', position: 0, reason: 'start', isPartial: false, skips: null } as const

test('a new subscription is read for from its place, which is durable before it is known', async () => {
  const { append, clock, positionsOf, set, store, webhooks } = await openWebhooks()
  webhooks.start()
  await append('a', 'b')
  await clock.advance(1_000)
  await webhooks.readership.place(1, { ...fromStart, position: 1 })
  expect((await store.load(everyShare)).progress).toMatchObject([
    { subscription: 1, mode: 'own', position: 1, catchUp: { reason: 'start', from: 1 } },
  ])
  expect([webhooks.readership.settledTo(1), webhooks.readership.reading(1)]).toEqual([1, undefined])
  set(1)
  await clock.advance(1_000)
  expect(positionsOf(1)).toEqual([2])
  expect(webhooks.readership.reading(1)).toMatchObject({
    mode: 'shared',
    sequence: 1,
    catchUp: null,
    readTo: 2,
    pace: null,
  })
  expect([webhooks.readership.settledTo(1), webhooks.readership.behind(1)]).toEqual([2, 0])
  await webhooks.stop()
})

test('where its reading is, while it catches up and while it is paused', async () => {
  const { append, answerWith, clock, set, webhooks, whilePassing } = await openWebhooks()
  const held = Promise.withResolvers<void>()
  answerWith(() => held.promise.then(() => answered(200)))
  const { readership } = webhooks
  await append(...Array.from({ length: 300 }, (_, index) => String(index)))
  webhooks.start()
  await clock.advance(1_000)
  await readership.place(1, fromStart)
  set(1)
  await clock.advance(2_000)
  expect(readership.reading(1)).toMatchObject({ mode: 'own', catchUp: { reason: 'start' }, pace: expect.any(Object) })
  expect([readership.settledTo(1), readership.behind(1)]).toEqual([0, 300 - readership.reading(1)!.readTo])
  await whilePassing(readership.pauseCatchUp(1))
  expect(readership.reading(1)).toMatchObject({ catchUp: { pausedAtMs: expect.any(Number) }, pace: null })
  held.resolve()
  await clock.advance(10_000)
  const paused = readership.behind(1)
  expect(paused).toBeGreaterThan(200)
  await whilePassing(readership.resumeCatchUp(1))
  await clock.advance(60_000)
  expect([readership.behind(1), readership.settledTo(1)]).toEqual([0, 300])
  await webhooks.stop()
})

test('one that was far behind is told of when it has caught up, and one that was near is not', async () => {
  const { append, clock, set, webhooks } = await openWebhooks()
  const told: number[] = []
  webhooks.readership.onCaughtUp(({ number }) => told.push(number))
  webhooks.start()
  await append(...Array.from({ length: 150 }, (_, index) => String(index)))
  await clock.advance(10_000)
  await webhooks.readership.place(1, fromStart)
  await webhooks.readership.place(2, { ...fromStart, position: 140 })
  set(1)
  set(2)
  await clock.advance(60_000)
  expect(told).toEqual([1])
  await webhooks.stop()
})

test('a disabled one is not read for, and goes on where it stood once it is enabled', async () => {
  const { append, clock, positionsOf, set, webhooks } = await openWebhooks()
  set(1)
  webhooks.start()
  await append('a')
  await clock.advance(1_000)
  set(1, { status: 'disabled' })
  await append('b', 'c')
  await clock.advance(1_000)
  expect([positionsOf(1), webhooks.readership.behind(1)]).toEqual([[1], 2])
  set(1, { status: 'active' })
  await clock.advance(1_000)
  expect(positionsOf(1)).toEqual([1, 2, 3])
  await webhooks.stop()
})

test('a change of what it asks for counts from the next event that is read', async () => {
  const { append, clock, positionsOf, set, webhooks } = await openWebhooks()
  set(1)
  webhooks.start()
  await append('a')
  await clock.advance(1_000)
  set(1, { types: ['customer.*'] })
  await append('b')
  await clock.advance(1_000)
  set(1, { types: ['invoice.*'] })
  await append('c')
  await clock.advance(1_000)
  expect(positionsOf(1)).toEqual([1, 3])
  expect(webhooks.readership.compiled(1)?.subscription.types).toEqual(['invoice.*'])
  await webhooks.stop()
})

test('one that is gone holds nobody back and is read for no more', async () => {
  const { append, answerWith, clock, positionsOf, remove, set, store, webhooks } = await openWebhooks()
  answerWith((position) => (position === 1 ? new Promise(() => {}) : Promise.resolve(answered(200))))
  set(1)
  webhooks.start()
  await append('a')
  await clock.advance(100)
  remove(1)
  await append('b')
  await clock.advance(1_000)
  expect([positionsOf(1), webhooks.readership.reading(1), webhooks.readership.behind(1)]).toEqual([[1], undefined, 0])
  expect((await store.load(everyShare)).watermarks).toMatchObject([{ position: 2 }])
})

test('one whose endpoint rests holds nobody back from that moment on', async () => {
  const { append, answerWith, clock, set, store, webhooks } = await openWebhooks()
  answerWith(async () => answered(500))
  set(1)
  webhooks.start()
  await clock.advance(0)
  await append(...Array.from({ length: 40 }, (_, index) => String(index)))
  // Sooner than those are looked for who hold the watermark back.
  await clock.advance(900)
  await webhooks.flush()
  expect((await store.load(everyShare)).watermarks).toMatchObject([{ position: 40 }])
  expect(webhooks.readership.settledTo(1)).toBeLessThan(40)
  await webhooks.stop()
})
