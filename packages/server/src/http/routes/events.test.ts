import { expect, test } from 'vitest'
import { ManualClock } from '../../core/time/clock.ts'
import { MemoryLog } from '../../engines/memory/log.ts'
import { Publisher } from '../../publish/publisher.ts'
import { createApp } from '../app.ts'
import { eventRoutes } from './events.ts'

test('a fault of its own ends a stream of events with a line that says so, and is told to the log', async () => {
  const fault = new Error('a catalogue that cannot be read')
  const failures: unknown[] = []
  const app = createApp({
    trustProxies: [],
    guard: { authenticate: () => ({ kind: 'operator' }) },
    onRequestDone: () => {},
    onFailure: (error) => failures.push(error),
  })
  const publisher = new Publisher({
    log: new MemoryLog(),
    types: {
      typeOf() {
        throw fault
      },
    },
    tenants: { isKnown: () => true, note: () => {} },
    offsets: { offsetOf: () => '' },
    clock: new ManualClock(),
    newId: () => 'evt_1',
    isStrict: false,
    observe: () => {},
  })
  eventRoutes(app, { publisher, onFailure: (error) => failures.push(error) })
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/events',
    headers: { 'content-type': 'application/x-ndjson' },
    payload: '{"tenantId":1,"type":"invoice.updated","entityId":"1"}\n',
  })
  expect(JSON.parse(answer.payload)).toMatchObject({ error: { code: 'internal' } })
  expect(failures).toEqual([fault])
  await app.close()
})
