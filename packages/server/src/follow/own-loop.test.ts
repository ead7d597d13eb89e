import { expect, test } from 'vitest'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import { ManualClock } from '../core/time/clock.ts'
import { Lane } from '../deliver/queue/lane.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { newEvents } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { OwnLoop } from './own-loop.ts'
import { Progress } from './progress.ts'
import { Reader } from './reader.ts'
import { Tracker } from './tracker.ts'

const behind = { reason: 'behind', sinceMs: 0, from: 0, pausedAtMs: null } as const
const start = { mode: 'own', position: 0, sequence: 0, catchUp: behind, skipped: [] } as const

/** A loop for a subscription that wants every even entity; the lane, the shared loop and the store's room are the test's. */
async function startLoop(
  events: number,
  some: { readonly skipped?: typeof start.skipped; readonly known?: number[] } = {},
) {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  await log.append(newEvents(events))
  const lane = new Lane(sampleSubscription('standard'), defaultWebhookPolicy)
  const reader = new Reader(lane, new Progress({ ...start, ...some }), some.known)
  const tracker = reader.progress.own!
  const shared = new Tracker(events)
  const dropped: unknown[] = []
  const told: number[] = []
  const room = Promise.withResolvers<void>()
  const settlements = { isFull: false, room: () => room.promise, touch: () => {} }
  const loop = new OwnLoop(
    {
      ...{ log, clock, partition: 0, shared, settlements },
      dispatcher: {
        offer: (to, delivery) => {
          to.push(delivery)
          return true
        },
      },
      matches: (_, { entityKey }) => Number(entityKey) % 2 === 0,
      caughtUp: () => told.push(tracker.readTo),
      dropped: (span) => dropped.push(span),
      onFailure: (error) => {
        throw error
      },
    },
    reader,
    tracker,
  )
  const begin = () => {
    const positions: number[] = []
    for (let taken = lane.take(); taken; taken = lane.take())
      positions.push(...taken.map(({ event }) => event.position))
    return positions
  }
  return { clock, log, lane, reader, tracker, shared, loop, dropped, told, settlements, room, begin }
}

test('it offers what the subscription is due, in order and numbered, and joins when it has read as far as the shared loop', async () => {
  const { clock, loop, lane, told, begin, tracker, reader } = await startLoop(10)
  const running = loop.run()
  await clock.advance(0)
  await running
  expect(told).toEqual([10])
  expect(lane.queued).toBe(5)
  expect(begin()).toEqual([1, 3, 5, 7, 9])
  expect([reader.progress.sequences.last, tracker.watermark]).toEqual([5, 0])
})

test('it joins at once where there is nothing to read', async () => {
  const { loop, told } = await startLoop(0)
  void loop.run()
  expect(told).toEqual([0])
})

test('what is settled already gets its number, and no attempt', async () => {
  const { clock, loop, begin, reader } = await startLoop(6, { known: [3] })
  void loop.run()
  await clock.advance(0)
  expect(begin()).toEqual([1, 5])
  expect(reader.progress.sequences.last).toBe(3)
})

test('what was left out is passed over without a number', async () => {
  const span = { after: 2, to: 6, reason: 'several', atMs: 0, isReadAgain: false } as const
  const { clock, loop, begin, reader } = await startLoop(8, { skipped: [span] as never })
  void loop.run()
  await clock.advance(0)
  expect(begin()).toEqual([1, 7])
  expect(reader.progress.sequences.last).toBe(2)
})

test('a full lane stops it in the middle, and room lets it go on', async () => {
  const { clock, loop, lane, begin, told, tracker } = await startLoop(400)
  void loop.run()
  await clock.advance(0)
  expect([lane.hasRoom, told]).toEqual([false, []])
  const atFirst = tracker.readTo
  expect(atFirst).toBeLessThan(400)
  const first = begin()
  lane.release()
  await clock.advance(0)
  expect(tracker.readTo).toBeGreaterThan(atFirst)
  expect([...first, ...begin()]).toEqual(Array.from({ length: 200 }, (_, index) => 2 * index + 1))
  lane.release()
  await clock.advance(0)
  expect(told).toEqual([400])
})

test('a full store stops it, and room there lets it go on', async () => {
  const { clock, loop, settlements, room, told } = await startLoop(10)
  settlements.isFull = true
  void loop.run()
  await clock.advance(10_000)
  expect(told).toEqual([])
  settlements.isFull = false
  room.resolve()
  await clock.advance(0)
  expect(told).toEqual([10])
})

test('stopped while its lane is full, it ends and offers no more', async () => {
  const { clock, loop, lane, begin } = await startLoop(400)
  const running = loop.run()
  await clock.advance(0)
  const { queued } = lane
  loop.stop()
  await running
  begin()
  lane.release()
  await clock.advance(10_000)
  expect([queued > 0, lane.queued]).toEqual([true, 0])
})

test('a closed lane ends it', async () => {
  const { clock, loop, lane, told } = await startLoop(400)
  const running = loop.run()
  await clock.advance(0)
  lane.close()
  await running
  expect(told).toEqual([])
})

test('what retention dropped before it came there is told', async () => {
  const { clock, log, loop, dropped } = await startLoop(3)
  await clock.advance(10_000)
  await log.dropBefore(clock.now())
  await log.append(newEvents(1))
  void loop.run()
  await clock.advance(0)
  expect(dropped).toEqual([{ after: 0, to: 3 }])
})

test('it tells how fast it goes on', async () => {
  const { clock, loop, lane, begin } = await startLoop(400)
  void loop.run()
  await clock.advance(2_000)
  expect(loop.pace().eventsPerSecond).toBeGreaterThan(0)
  begin()
  lane.release()
  await clock.advance(2_000)
  expect(loop.pace().secondsLeft).not.toBeNull()
})
