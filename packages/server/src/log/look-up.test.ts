import { expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import type { EventLog } from './event-log.ts'
import { firstAfter, lastUpTo } from './look-up.ts'

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

test('the first event after a position is the first one that is kept', async () => {
  const log = await shortenedLog()
  expect((await firstAfter(log, 0, 7))?.position).toBe(8)
  expect((await firstAfter(log, 0, 1))?.position).toBe(5)
  expect((await firstAfter(log, 0, -1))?.position).toBe(5)
  expect(await firstAfter(log, 0, 10)).toBeUndefined()
})

test('the last event up to a position is found wherever events are left out', async () => {
  const holes = [0, 3, 0, 0, 130, 1, 0, 7, 5_000, 2]
  const log = new MemoryLog({ clock: new ManualClock(), holeBefore: () => holes.shift() ?? 0 })
  await log.append(Array.from({ length: 10 }, (_, index) => newEvent({ id: `event-${index}` })))
  const { events } = await log.read({ partition: 0, after: 0, maxBytes: 1e6, maxEvents: 100 })
  const positions = events.map(({ position }) => position)
  const { latest } = log.bounds(0)
  let reads = 0
  const counted: Pick<EventLog, 'read'> = {
    read: (request) => {
      reads += 1
      return log.read(request)
    },
  }
  for (let to = 0; to <= latest; to += to < 200 || to > latest - 10 ? 1 : 371) {
    for (const after of [0, 4, 7, 140, to - 1, to]) {
      if (after > to || after < 0) continue
      const expected = positions.findLast((position) => after < position && position <= to)
      reads = 0
      expect((await lastUpTo(counted, 0, { after, to }))?.position, `after ${after} to ${to}`).toBe(expected)
      expect(reads).toBeLessThan(40)
    }
  }
})
