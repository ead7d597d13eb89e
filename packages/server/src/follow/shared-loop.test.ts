import { expect, test } from 'vitest'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import { ManualClock } from '../core/time/clock.ts'
import { Lane } from '../deliver/queue/lane.ts'
import type { PendingDelivery } from '../deliver/queue/pending-delivery.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { Progress } from './progress.ts'
import { Reader } from './reader.ts'
import { SharedLoop } from './shared-loop.ts'
import { Tracker } from './tracker.ts'

test('at its cap of unsettled events it reads no further, and goes on once they are settled though nothing is appended', async () => {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  const progress = new Progress({ mode: 'shared', position: 0, sequence: 0, catchUp: null, skipped: [] })
  const reader = new Reader(new Lane(sampleSubscription('standard'), defaultWebhookPolicy), progress)
  const offered: PendingDelivery[] = []
  const loop = new SharedLoop(
    {
      ...{
        log,
        clock,
        partition: 0,
        match: () => [reader],
        readers: () => [reader],
        leave: () => {},
        dropped: () => {},
      },
      dispatcher: { offer: (_lane, delivery) => offered.push(delivery) > 0 },
      settlements: { isFull: false, room: async () => {}, touch: () => {} },
      onFailure: (error) => {
        throw error
      },
    },
    new Tracker(0),
    2,
  )
  await log.append([newEvent({ id: 'a' }), newEvent({ id: 'b' })])
  loop.start()
  await clock.advance(0)
  await log.append([newEvent({ id: 'c' })])
  await clock.advance(1_000)
  expect(offered.map(({ event }) => event.position)).toEqual([1, 2])
  for (const delivery of [...offered]) reader.settled(delivery)
  await clock.advance(10_000)
  expect(offered.map(({ event }) => event.position)).toEqual([1, 2, 3])
  await loop.stop()
})
