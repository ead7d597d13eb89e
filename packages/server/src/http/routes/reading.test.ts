import { expect, test } from 'vitest'
import { encodeOffset } from '../../core/ids/offset.ts'
import { ManualClock } from '../../core/time/clock.ts'
import { newEvent } from '../../engines/conformance/events.ts'
import { MemoryLog } from '../../engines/memory/log.ts'
import { everything } from '../../follow/fixtures/webhooks.ts'
import { LaggingLog } from '../../log/fixtures/lagging-log.ts'
import { OpenStreams } from '../../stream/open-streams.ts'
import { createApp } from '../app.ts'
import { readingRoutes } from './reading.ts'

/** The reading routes of a node, over two events that another one has appended. */
async function node() {
  const whole = new MemoryLog({ clock: new ManualClock(), epoch: 7 })
  const log = new LaggingLog(whole)
  await whole.append(['a', 'b'].map((id) => newEvent({ id })))
  const app = createApp({
    trustProxies: [],
    guard: { authenticate: () => ({ kind: 'operator' }) },
    onRequestDone: () => {},
    onFailure: () => {},
  })
  const offset = (position: number, topic = 'invoices') => encodeOffset({ epoch: 7, topic, position })
  readingRoutes(app, {
    log,
    clock: new ManualClock(),
    grants: everything,
    topics: () => ['invoices'],
    offsetOf: ({ topic, position }) => offset(position, topic),
    callers: { isKnown: () => true },
    access: { onChanged: () => () => {} },
    streams: new OpenStreams({ perAddress: 1, perIntegration: 1 }),
    readiness: { isStopping: true },
    newStreamId: () => 'str_1',
    encodings: new Map(),
  })
  const get = (url: string, headers = {}) => app.inject({ url, headers })
  return { app, get, offset }
}

test('the feed shows everything that was acknowledged anywhere before it was asked', async () => {
  const { app, get, offset } = await node()
  const page = (await get('/v1/topics/invoices/events')).json()
  expect(page.events).toHaveLength(2)
  expect(page.next).toBe(offset(2))
  await app.close()
})

test('an offset that another node gave is no fault', async () => {
  const first = await node()
  const after = encodeURIComponent(first.offset(2))
  expect((await first.get(`/v1/topics/invoices/events?after=${after}`)).json()).toMatchObject({ events: [] })
  await first.app.close()
  const second = await node()
  const streamed = await second.get('/v1/stream', { 'last-event-id': second.offset(2, '*') })
  expect(streamed.statusCode).toBe(200)
  await second.app.close()
})

test('topics tell the newest offset that was acknowledged anywhere', async () => {
  const { app, get, offset } = await node()
  expect((await get('/v1/topics')).json().items).toEqual([
    { topic: 'invoices', earliest: offset(0), latest: offset(2) },
  ])
  await app.close()
})
