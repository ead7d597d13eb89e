import { expect, test } from 'vitest'
import type { StoredEvent } from '../core/event/event.ts'
import { ManualClock } from '../core/time/clock.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { tokenOf } from '../registry/fixtures/records.ts'
import { OperationalEvents } from './operational-events.ts'

function start() {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  const failures: unknown[] = []
  const events = new OperationalEvents({ log, clock, mail: null, onFailure: (error) => failures.push(error) })
  const told = async () => {
    await new Promise(setImmediate)
    const { events: stored } = await log.read({ partition: 0, after: 0, maxEvents: 100, maxBytes: 1_000_000 })
    return stored.map((event: StoredEvent) => JSON.parse(`{${event.head},${event.tail}}`))
  }
  return { clock, log, events, failures, told }
}
const subscription = sampleSubscription('standard', {
  ...{
    boundTenantId: 7,
    endpoint: { ...sampleSubscription('standard').endpoint, url: 'https://example.com/hook?key=1' },
  },
})

test('what happens to a subscription is an event of its integration, without what its URL may hold secret', async () => {
  const { events, told, log } = start()
  events.subscription('subscription.failing', subscription, { failingSince: 'T' }, 'T')
  expect(await told()).toEqual([
    {
      ...{ type: 'subscription.failing', timestamp: '2026-01-01T00:00:00.000Z', tenantId: 7, entityId: 'sub_1' },
      id: 'subscription.failing:sub_1:T',
      data: { integrationId: 'int_1', url: 'https://example.com/hook', failingSince: 'T' },
    },
  ])
  const {
    events: [stored],
  } = await log.read({ partition: 0, after: 0, maxEvents: 1, maxBytes: 1_000_000 })
  expect([stored?.topic, stored?.entityKey]).toEqual(['tidings', 'int_1 sub_1'])
})

test('what is to be said once is said once; what may come again is said each time', async () => {
  const { events, told, clock } = start()
  for (let time = 0; time < 2; time++) {
    events.subscription('subscription.failing', subscription, {}, 'T')
    events.subscription('subscription.disabled', subscription, { reason: 'gone' })
    await clock.advance(1_000)
  }
  expect((await told()).map(({ type }: { type: string }) => type).sort()).toEqual([
    ...['subscription.disabled', 'subscription.disabled', 'subscription.failing'],
  ])
})

test('a token that will expire is told of once, to its integration and not to its tenant', async () => {
  const { events, told } = start()
  const token = tokenOf('tok_1', 9, { expiresAt: '2026-02-01T00:00:00Z' })
  events.tokenExpiring(token)
  events.tokenExpiring(token)
  expect(await told()).toMatchObject([
    {
      type: 'access-token.expiring',
      tenantId: 9,
      entityId: 'tok_1',
      data: { tokenTenantId: 9, expiresAt: token.expiresAt },
    },
  ])
})

test('a log that refuses is a failure, and nobody waits for it', async () => {
  const { events, failures, log } = start()
  await log.close()
  events.subscription('subscription.recovered', subscription)
  await new Promise(setImmediate)
  expect(failures).toMatchObject([{ code: 'shutting_down' }])
})
