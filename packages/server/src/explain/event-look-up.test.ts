import { expect, test } from 'vitest'
import { everyType } from '../core/event/visible-types.ts'
import { newId } from '../core/ids/id.ts'
import { offsetEncoder } from '../core/ids/offset.ts'
import { ManualClock } from '../core/time/clock.ts'
import { fingerprints, newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { LaggingLog } from '../log/fixtures/lagging-log.ts'
import type { Viewer } from '../match/visibility.ts'
import { EventLookUp } from './event-look-up.ts'

const integration = (integrationId: string): Viewer => ({ sees: 'granted', integrationId, tenantId: null })

async function filled() {
  const log = new MemoryLog({ clock: new ManualClock() })
  await log.append([newEvent({ id: 'inv-1', tenantId: 1, fingerprint: fingerprints[0] })])
  const grants = { direct: () => everyType, ofToken: () => undefined }
  return new EventLookUp({ log, grants, tenants: { tenantsOf: () => [1] } })
}

test('look-ups wait in a queue with an end, and one asker does not keep the others waiting', async () => {
  const lookUp = await filled()
  const asked = Array.from({ length: 300 }, () => lookUp.find('inv-1', integration('int_a')))
  const other = await lookUp.find('inv-1', integration('int_b'))
  expect(other).toMatchObject({ kind: 'event' })
  const answers = await Promise.allSettled(asked)
  const found = answers.filter(({ status }) => status === 'fulfilled')
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  expect(found.length).toBeGreaterThanOrEqual(100)
  expect(refused.length).toBeGreaterThan(0)
  for (const reason of refused) expect(reason).toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 })
  expect(await lookUp.find('inv-1', integration('int_a'))).toMatchObject({ kind: 'event' })
})

/** Two events with empty positions before each; nothing was ever dropped. */
async function sparse() {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock, epoch: 7, holeBefore: () => 3 })
  await log.append([newEvent({ topic: 'invoices' }), newEvent({ topic: 'invoices' })])
  const grants = { direct: () => everyType, ofToken: () => undefined }
  return { clock, lookUp: new EventLookUp({ log, grants, tenants: { tenantsOf: () => [1] } }) }
}

test('at a position where no event ever stood there is none, and none is said to be gone', async () => {
  const { lookUp } = await sparse()
  const find = (position: number) =>
    lookUp.find(`invoices:${offsetEncoder(7, 'invoices').encode(position)}`, { sees: 'everything' })
  expect(await find(4)).toMatchObject({ kind: 'event', event: { position: 4 } })
  await expect(find(6)).rejects.toMatchObject({ code: 'not_found' })
  await expect(find(9)).rejects.toMatchObject({ code: 'not_found' })
})

test('of a log that begins with empty positions nothing is said to be gone', async () => {
  const { clock, lookUp } = await sparse()
  const older = newId('evt', clock.now() - 60_000, new Uint8Array(10))
  await expect(lookUp.find(older, { sees: 'everything' })).rejects.toMatchObject({ code: 'not_found' })
})

test('what another node appended is found', async () => {
  const whole = new MemoryLog({ clock: new ManualClock(), epoch: 7 })
  const grants = { direct: () => everyType, ofToken: () => undefined }
  const lookUp = new EventLookUp({ log: new LaggingLog(whole), grants, tenants: { tenantsOf: () => [1] } })
  await whole.append([newEvent({ id: 'inv-1', tenantId: 1, fingerprint: fingerprints[0] })])
  expect(await lookUp.find('inv-1', { sees: 'everything' })).toMatchObject({ kind: 'event' })
})
