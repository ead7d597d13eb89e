import { expect, it } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { newEvent } from '../engines/conformance/events.ts'
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
    isAllowed: () => true,
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

it('answers nothing to a reader whose key ended while it waited', async () => {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  let isAllowed = true
  const page = readFeed(log, clock, {
    topic: 'invoices',
    partition: 0,
    after: 0,
    limit: 10,
    waitMs: 20_000,
    view: { mayShow: () => true, wants: () => true },
    isAllowed: () => isAllowed,
    isGone: () => false,
  })
  const refused = expect(page).rejects.toMatchObject({ code: 'unauthorized' })
  await clock.advance(10)
  isAllowed = false
  await log.append([newEvent({ id: 'a' })])
  await refused
})

it('judges what it read first again when it answers', async () => {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  await log.append([newEvent({ id: 'a', entityKey: 'lost' })])
  let judged = 0
  const page = await readFeed(log, clock, {
    topic: 'invoices',
    partition: 0,
    after: 0,
    limit: 10,
    waitMs: 0,
    view: { mayShow: () => ++judged === 1, wants: () => true },
    isAllowed: () => true,
    isGone: () => false,
  })
  expect(page).toEqual({ events: [], next: 1 })
})
