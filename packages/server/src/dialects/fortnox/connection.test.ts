import { expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../../core/time/clock.ts'
import { MemoryLog } from '../../engines/memory/log.ts'
import { LaggingLog } from '../../log/fixtures/lagging-log.ts'
import { addTenants, addTopics, subscribe, TestClient } from './fixtures/client.ts'
import { newEvent, startStream } from './fixtures/stream.ts'

const listTenants = { command: 'list-tenants-v1' }

it('takes off a tenant whose token is revoked between its check and its adding', async () => {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  const reading = Promise.withResolvers<void>()
  const read = log.read.bind(log)
  let mayRead: Promise<void> | undefined
  log.read = async (request) => {
    if (mayRead) reading.resolve()
    await mayRead
    return read(request)
  }
  const at = await startStream({ clock, log })
  onTestFinished(() => at.stop())
  at.authority.grant('a', 1)
  at.authority.grant('b', 2)
  const client = await TestClient.open(at.port)
  for (const command of [addTenants('b'), addTopics('invoices'), subscribe]) await client.ask(command)
  const { promise, resolve } = Promise.withResolvers<void>()
  mayRead = promise
  await log.append([newEvent(2, 'before')])
  await clock.advance(10)
  await reading.promise

  // The log is slow: what was durable before the new tenant has to be handed out first.
  const checked = at.authority.nextCheck()
  client.send(addTenants('a'))
  await checked
  at.authority.revoke('a')
  await clock.advance(1_000)
  mayRead = undefined
  resolve()

  expect(await client.next()).toMatchObject({ entityId: 'before' })
  expect(await client.next()).toMatchObject({ response: 'add-tenants-v1' })
  await clock.advance(1_000)
  expect(await client.next()).toMatchObject({ response: 'tenants-removed-v1', tenants: [1] })
  expect(await client.ask(listTenants)).toMatchObject({ tenantIds: [2] })
})

it('takes an offset that another node gave', async () => {
  const clock = new ManualClock()
  const whole = new MemoryLog({ clock })
  const at = await startStream({ clock, log: new LaggingLog(whole) })
  onTestFinished(() => at.stop())
  at.authority.grant('a', 1)
  await whole.append([newEvent(1, 'before'), newEvent(1, 'between')])
  const client = await TestClient.open(at.port)
  for (const command of [addTenants('a'), subscribe]) await client.ask(command)
  const topics = [{ topic: 'invoices', offset: at.offset('invoices', 2) }]
  expect(await client.ask({ command: 'add-topics-v1', topics })).toMatchObject({ result: 'ok' })
})
