import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { latenciesIn } from '../core/series/counts.ts'
import { minuteMs } from '../core/series/tally.ts'
import { ManualClock } from '../core/time/clock.ts'
import { sampleDelivery, sampleSubscription } from '../dialects/samples.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { answered } from '../follow/fixtures/webhooks.ts'
import type { TransportResult } from '../send/transport.ts'
import { type DispatchEvent, Dispatcher } from './dispatcher.ts'
import { Entities } from './entities/entities.ts'
import { eventAt, pendingOf } from './fixtures/pending.ts'
import type { Lane } from './queue/lane.ts'
import type { PendingDelivery } from './queue/pending-delivery.ts'
import { Settlements } from './settling/settlements.ts'
import { Turns } from './turns/turns.ts'

const policy = { ...defaultWebhookPolicy, retryDelaysSeconds: [60], jitter: 0 }

/** A dispatcher over the models; each request waits until the test answers it. */
function open() {
  const clock = new ManualClock()
  const store = makeMemoryDeliveryStore()
  const progress = { changed: () => ({ watermarks: [], progress: [] }), notWritten: () => {} }
  const onFailure = (error: unknown) => {
    throw error
  }
  const settlements = new Settlements({ store, lease: soleLease, clock, progress, onFailure })
  const entities = new Entities({ history: store, settlements, clock, onFailure })
  const requests: { readonly positions: readonly number[]; readonly answer: (result: TransportResult) => void }[] = []
  const forbidden = new Set<number>()
  const dispatcher = new Dispatcher({
    clock,
    random: () => 0,
    turns: new Turns<Lane>(clock, 16),
    entities,
    settlements,
    sender: {
      send: async (_subscription, due) => {
        const inputs = due()
        if (!inputs) return undefined
        const { promise, resolve } = Promise.withResolvers<TransportResult>()
        requests.push({ positions: inputs.map(({ event }) => event.position), answer: resolve })
        return promise
      },
    },
    permission: { maySend: (_to, { position }) => !forbidden.has(position) },
    contents: { inputOf: (_subscription, { event }) => sampleDelivery(event) },
    onFailure,
  })
  const events: DispatchEvent[] = []
  dispatcher.onEvent((event) => events.push(event))
  const settledAt: number[] = []
  const whenSettled = { settled: ({ event }: PendingDelivery) => void settledAt.push(event.position) }
  const lane = (change: Partial<Subscription> = {}) => dispatcher.open(sampleSubscription('standard', change), policy)
  const offer = (to: Lane, position: number, more: Partial<PendingDelivery> = {}) =>
    dispatcher.offer(to, pendingOf(eventAt(position), { whenSettled, ...more }))
  const answer = async (status: number) => {
    await clock.advance(0)
    requests.shift()!.answer(answered(status))
    await clock.advance(0)
  }
  const rowAt = async (position: number) => {
    await settlements.flush()
    return store.find({ subscription: 1, partition: 0, position })
  }
  return { clock, dispatcher, requests, forbidden, events, settledAt, lane, offer, answer, rowAt, store, settlements }
}

test('a delivery that is accepted leaves its attempt alone', async () => {
  const { answer, events, lane, offer, rowAt, settledAt } = open()
  offer(lane(), 1)
  await answer(204)
  expect(await rowAt(1)).toMatchObject({ status: 'delivered', attempts: 1, nextAttemptAtMs: null })
  expect(settledAt).toEqual([1])
  expect(events).toMatchObject([
    { kind: 'opened' },
    { kind: 'attempted', record: { status: 204, error: null, outcome: 'delivered' } },
  ])
})

test('an attempt is counted with its settlement; a latency tells of what came as it was published alone', async () => {
  const { answer, clock, lane, offer, settlements, store } = open()
  const to = lane()
  offer(to, 1)
  offer(to, 2, { isLive: false })
  offer(to, 3, { origin: 'retry', isLive: false, attempts: 1, firstAttemptAtMs: 0, mayHaveRow: true })
  offer(to, 4)
  for (const status of [204, 204, 204, 500]) await answer(status)
  await settlements.flush()
  const minute = Math.floor(clock.now() / minuteMs) * minuteMs
  const scopes = ['all', 'dialect standard', 'subscription 1', `integration ${to.subscription.integrationId}`] as const
  for (const scope of scopes) {
    const [counts] = await store.series({ scopes: [scope], fromMs: minute, steps: 1, stepMs: minuteMs })
    expect(counts).toMatchObject({ delivered: 3, waiting: 1, 'error http_500': 1 })
    expect([...latenciesIn(counts!).values()]).toEqual([1])
  }
})

test('one that is not waits for its retry, and is settled all the same; after the last it has failed', async () => {
  const { answer, clock, lane, offer, rowAt, settledAt } = open()
  const to = lane()
  offer(to, 1)
  await answer(500)
  expect(await rowAt(1)).toMatchObject({ status: 'waiting', nextAttemptAtMs: clock.now() + 60_000 })
  expect(settledAt).toEqual([1])
  offer(to, 1, { origin: 'retry', attempts: 1, firstAttemptAtMs: 0, mayHaveRow: true })
  await answer(500)
  expect(await rowAt(1)).toMatchObject({ status: 'failed', attempts: 2 })
})

test('a retry that is accepted takes its row away', async () => {
  const { answer, lane, offer, rowAt } = open()
  const to = lane()
  offer(to, 1)
  await answer(500)
  await rowAt(1)
  offer(to, 1, { origin: 'retry', attempts: 1, firstAttemptAtMs: 0, mayHaveRow: true })
  await answer(200)
  expect(await rowAt(1)).toMatchObject({ status: 'delivered', attempts: 2 })
})

test('an endpoint that is gone has its subscription disabled', async () => {
  const { answer, events, lane, offer, rowAt } = open()
  offer(lane(), 1)
  await answer(410)
  expect(await rowAt(1)).toMatchObject({ status: 'failed' })
  expect(events).toContainEqual(expect.objectContaining({ kind: 'refused', reason: 'gone' }))
})

test('what must not be sent any more is settled without a request', async () => {
  const { clock, forbidden, lane, offer, requests, rowAt, settledAt } = open()
  forbidden.add(1)
  offer(lane(), 1)
  await clock.advance(0)
  expect(requests).toEqual([])
  expect(settledAt).toEqual([1])
  expect(await rowAt(1)).toBeNull()
})

test('of a subscription that is gone, nothing is kept, and its slot is free for another', async () => {
  const { answer, clock, dispatcher, events, lane, offer, requests, rowAt, settledAt } = open()
  const gone = lane()
  offer(gone, 1)
  await clock.advance(0)
  dispatcher.close(gone)
  await answer(500)
  expect([await rowAt(1), events.map(({ kind }) => kind), settledAt]).toEqual([null, ['opened', 'closed'], []])
  expect(dispatcher.lane(1)).toBeUndefined()
  offer(lane({ number: 2 }), 2)
  await clock.advance(0)
  expect(requests.map(({ positions }) => positions)).toEqual([[2]])
})

test('stopping begins nothing more and waits for what is under way', async () => {
  const { answer, clock, dispatcher, lane, offer, requests } = open()
  const to = lane({ concurrency: 1 })
  offer(to, 1)
  offer(to, 2)
  await clock.advance(0)
  let isStopped = false
  const stopped = dispatcher.stop().then(() => {
    isStopped = true
  })
  await clock.advance(1_000)
  expect(isStopped).toBe(false)
  await answer(200)
  await stopped
  expect(requests).toEqual([])
})

test('a subscription that is enabled has its queue begun', async () => {
  const { clock, dispatcher, lane, offer, requests } = open()
  const to = lane({ status: 'disabled' })
  offer(to, 1)
  await clock.advance(1_000)
  expect(requests).toEqual([])
  dispatcher.configure(to, { ...to.subscription, status: 'active' }, policy)
  await clock.advance(0)
  expect(requests).toHaveLength(1)
})
