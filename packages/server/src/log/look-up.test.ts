import { expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { eventAt, eventsAt, firstAfter } from './look-up.ts'

/** Ten events, a second apart, of which retention has dropped the first four. */
async function shortenedLog() {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  for (let index = 0; index < 10; index++) {
    await log.append([newEvent({ id: `event-${index}` })])
    await clock.advance(1_000)
  }
  await log.dropBefore(clock.now() - 6_500)
  expect(log.bounds(0).earliest).toBe(4)
  return log
}

test('an event is found at its own position alone', async () => {
  const log = await shortenedLog()
  expect((await eventAt(log, 0, 7))?.position).toBe(7)
  expect(await eventAt(log, 0, 11)).toBeUndefined()
  // The log answers a read below its start with its first event, which is not the one that was asked for.
  expect(await eventAt(log, 0, 2)).toBeUndefined()
})

test('the first event after a position is the first one that is kept', async () => {
  const log = await shortenedLog()
  expect((await firstAfter(log, 0, 7))?.position).toBe(8)
  expect((await firstAfter(log, 0, 1))?.position).toBe(5)
  expect((await firstAfter(log, 0, -1))?.position).toBe(5)
  expect(await firstAfter(log, 0, 10)).toBeUndefined()
})

test('of many positions those are found that are kept', async () => {
  const log = await shortenedLog()
  expect([...(await eventsAt(log, 0, [9, 2, 5, 12])).keys()].sort()).toEqual([5, 9])
})
