import { expect, test } from 'vitest'
import { sampleSubscription } from '../dialects/samples.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { beginResend, cancelResend, resendRecords } from './resend-records.ts'

const hourMs = 3_600_000
const retentionMs = 24 * hourMs
const never = () => false
const filter = { status: 'failed', types: ['invoice.*'] }
const first = sampleSubscription('standard', { boundTenantId: 7, visibleTypes: ['invoice.*'] })
const second = sampleSubscription('standard', { id: 'sub_2', number: 2 })

async function setUp() {
  const made = await makeTestRegistry()
  return { ...made, records: resendRecords(made.registry, retentionMs) }
}

test('it begins as whoever owns the subscription, with all that was asked', async () => {
  const { registry, directory, records } = await setUp()
  const begun = await beginResend(registry, first, filter, never)
  expect(begun).toEqual({
    ...{ id: expect.stringMatching(/^rsd_/), subscriptionId: 'sub_1', integrationId: 'int_1', boundTenantId: 7 },
    ...{ visibleTypes: ['invoice.*'], filter, status: 'running', resent: 0, skipped: 0, cursor: null },
    ...{ startedAt: '2026-01-01T00:00:00.000Z', endedAt: null },
  })
  expect(records.get(begun.id)).toEqual(begun)
  expect(records.running()).toEqual([begun])
  expect([...directory.resendsOf('int_1')]).toEqual([begun])
})

test('a subscription has one at a time; another subscription has its own', async () => {
  const { registry, records } = await setUp()
  const { id } = await beginResend(registry, first, filter, never)
  await expect(beginResend(registry, first, filter, never)).rejects.toMatchObject({
    ...{ code: 'conflict', message: expect.stringContaining(id) },
  })
  await beginResend(registry, second, filter, never)
  await cancelResend(registry, id)
  await beginResend(registry, first, filter, never)
  expect(records.running()).toHaveLength(2)
})

test('one that a failure interrupted gives way to another', async () => {
  const { registry, records } = await setUp()
  const { id } = await beginResend(registry, first, filter, never)
  const other = await beginResend(registry, first, filter, (running) => running === id)
  expect(records.get(id)).toMatchObject({ status: 'interrupted', endedAt: '2026-01-01T00:00:00.000Z' })
  expect(records.running().map((resend) => resend.id)).toEqual([other.id])
})

test('each step is counted, and the last one ends it', async () => {
  const { registry, records, clock } = await setUp()
  const { id } = await beginResend(registry, first, filter, never)
  expect(await records.advance(id, { resent: 3, skipped: 1, next: 'there' })).toMatchObject({
    ...{ status: 'running', resent: 3, skipped: 1, cursor: 'there', endedAt: null },
  })
  await clock.advance(1_000)
  expect(await records.advance(id, { resent: 2, skipped: 0, next: null })).toMatchObject({
    ...{ status: 'done', resent: 5, skipped: 1, cursor: null, endedAt: '2026-01-01T00:00:01.000Z' },
  })
  expect(await records.advance('rsd_unknown', { resent: 1, skipped: 0, next: null })).toBeUndefined()
})

test('one that was cancelled during its last step stays cancelled, with what the step did', async () => {
  const { registry, records } = await setUp()
  const { id } = await beginResend(registry, first, filter, never)
  await records.end(id, 'cancelled')
  expect(await records.advance(id, { resent: 4, skipped: 0, next: null })).toMatchObject({
    ...{ status: 'cancelled', resent: 4 },
  })
})

test('cancelling one that has ended, or that is not there, changes nothing', async () => {
  const { registry, records, directory } = await setUp()
  const { id } = await beginResend(registry, first, filter, never)
  const done = await records.advance(id, { resent: 0, skipped: 0, next: null })
  const { revision } = directory
  expect(await cancelResend(registry, id)).toEqual(done)
  expect(await cancelResend(registry, 'rsd_unknown')).toBeUndefined()
  expect(directory.revision).toBe(revision)
})

test('those that ended before the retention go, running ones never', async () => {
  const { registry, records, directory, clock } = await setUp()
  const { id: running } = await beginResend(registry, second, filter, never)
  const { id } = await beginResend(registry, first, filter, never)
  await cancelResend(registry, id)
  await clock.advance(retentionMs)
  await records.dropOld()
  expect(directory.resends.size).toBe(2)
  await clock.advance(1)
  await records.dropOld()
  expect([...directory.resends.values()].map((resend) => resend.id)).toEqual([running])
})

test('of each integration the newest hundred that ended are kept', async () => {
  const { registry, records, directory, clock } = await setUp()
  const endedBy = async (integrationId: string, count: number) => {
    for (let index = 0; index < count; index++) {
      const subscription = sampleSubscription('standard', { integrationId })
      await cancelResend(registry, (await beginResend(registry, subscription, filter, never)).id)
      await clock.advance(1)
    }
  }
  const { id: running } = await beginResend(registry, second, filter, never)
  // Ids are in order by the millisecond.
  await clock.advance(1)
  await endedBy('int_1', 101)
  await endedBy('int_2', 101)
  const [, oldest] = directory.resendPage('int_1', undefined, 2)
  await records.dropOld('int_1')
  expect(directory.resendPage('int_1', undefined, 500)).toHaveLength(101)
  expect(directory.resends.get(running)).toBeDefined()
  expect(directory.resends.get(oldest!.id)).toBeUndefined()
  expect(directory.resendPage('int_2', undefined, 500)).toHaveLength(101)
  await records.dropOld()
  expect(directory.resends.size).toBe(201)
})
