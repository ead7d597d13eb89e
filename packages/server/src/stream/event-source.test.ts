import { expect, it } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { type EventSourceDeps, serveEventSource } from './event-source.ts'

function serve(some: (log: MemoryLog) => Partial<EventSourceDeps> = () => ({})) {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  const said: string[] = []
  const state = { isStopped: false }
  const served = serveEventSource(
    {
      log,
      clock,
      partition: 0,
      topics: () => new Set(['invoices']),
      view: { mayShow: () => true, wants: () => true },
      tokenOf: String,
      textOf: ({ topic, entityKey }) => `${topic} ${entityKey}`,
      isAllowed: () => true,
      onAccessChanged: () => () => {},
      moved: () => {},
      write: async (text) => said.push(text) > 0,
      ...some(log),
    },
    0,
    () => state.isStopped,
  )
  const end = async () => {
    state.isStopped = true
    await clock.advance(2_000)
    await served
  }
  return { clock, log, said, served, end }
}

it('breaks the silence every 15 s, also when the clock is set back', async () => {
  const { clock, said, end } = serve()
  await clock.advance(16_000)
  expect(said).toEqual([': tidings\nid: 0\n\n', ': alive\n\n'])
  clock.setBack(3_600_000)
  await clock.advance(20_000)
  expect(said.slice(2)).toContain(': alive\n\n')
  await end()
})

it('says that the server stops before the connection ends, and not to those whose key has ended', async () => {
  const { said, end } = serve()
  await end()
  expect(said).toEqual([': tidings\nid: 0\n\n', 'event: draining\ndata: {}\n\n'])
  const ended = serve(() => ({ isAllowed: () => false }))
  await ended.end()
  expect(ended.said).toEqual([': tidings\nid: 0\n\n'])
})

it('ends as soon as the key does, and says nothing that was read meanwhile', async () => {
  let isAllowed = true
  let wake = () => {}
  const { clock, log, said, served } = serve((log) => ({
    log: Object.assign(Object.create(log) as MemoryLog, {
      async read(request: Parameters<MemoryLog['read']>[0]) {
        const slice = await log.read(request)
        if (slice.events.length > 0) isAllowed = false
        return slice
      },
      onAppended: (listener: () => void) => log.onAppended(listener),
      bounds: (partition: number) => log.bounds(partition),
    }),
    isAllowed: () => isAllowed,
    onAccessChanged: (listener) => {
      wake = listener
      return () => {}
    },
  }))
  await clock.advance(10)
  await log.append([newEvent({ id: 'a', entityKey: 'hidden' })])
  await clock.advance(10)
  await served
  expect(said).toEqual([': tidings\nid: 0\n\n'])
  wake()
})

it('is woken when the key may have ended, without waiting for an event', async () => {
  let isAllowed = true
  let wake = () => {}
  const { clock, served } = serve(() => ({
    isAllowed: () => isAllowed,
    onAccessChanged: (listener) => {
      wake = listener
      return () => {}
    },
  }))
  await clock.advance(10)
  isAllowed = false
  wake()
  await served
})

it('shows a topic that came into the catalogue later', async () => {
  const topics = new Set(['invoices'])
  const { clock, log, said, end } = serve(() => ({ topics: () => topics }))
  await clock.advance(10)
  topics.add('customers')
  await log.append([newEvent({ id: 'a', entityKey: '1', topic: 'customers' })])
  await clock.advance(10)
  expect(said.join('')).toContain('customers 1')
  await end()
})
