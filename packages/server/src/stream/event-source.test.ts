import { expect, it } from 'vitest'
import { ManualClock } from '../core/clock.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { serveEventSource } from './event-source.ts'

it('breaks the silence every 15 s, also when the clock is set back', async () => {
  const clock = new ManualClock()
  const said: string[] = []
  let isStopped = false
  const served = serveEventSource(
    {
      log: new MemoryLog({ clock }),
      clock,
      partition: 0,
      topics: new Set(['a']),
      view: { mayShow: () => true, wants: () => true },
      tokenOf: String,
      textOf: () => '',
      isAllowed: () => true,
      write: async (text) => said.push(text) > 0,
    },
    0,
    () => isStopped,
  )
  await clock.advance(16_000)
  expect(said).toEqual([': tidings\nid: 0\n\n', ': alive\n\n'])
  clock.setBack(3_600_000)
  await clock.advance(20_000)
  expect(said.slice(2)).toContain(': alive\n\n')
  isStopped = true
  await clock.advance(2_000)
  await served
})
