import { expect, it } from 'vitest'
import { ManualClock } from '../core/clock.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { readFeed } from './feed.ts'

it('answers a reader that waits when the clock is set back, instead of an hour later', async () => {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  let page: Awaited<ReturnType<typeof readFeed>> | undefined
  void readFeed(log, clock, {
    topic: 'a',
    partition: 0,
    after: 0,
    limit: 1,
    waitMs: 20_000,
    view: { mayShow: () => true, wants: () => true },
    isGone: () => false,
  }).then((answer) => {
    page = answer
  })
  await clock.advance(5_000)
  expect(page).toBeUndefined()
  clock.setBack(3_600_000)
  await clock.advance(20_000)
  expect(page).toEqual({ events: [], next: 0 })
})
