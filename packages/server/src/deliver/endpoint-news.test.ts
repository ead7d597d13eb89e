import { describe, expect, test } from 'vitest'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import { noTiming } from '../core/delivery/attempt-timing.ts'
import { soleLease } from '../core/delivery/lease.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { EndpointNews } from './endpoint-news.ts'
import { nothingSettled } from './settling/settling-store.ts'

const subscription = sampleSubscription('standard', { id: 'sub_1', number: 1 })
const startedMs = 1_000_000
const minuteMs = 60_000

function attempted(position: number, atMs: number, error: AttemptRecord['error'], attempt = 1): AttemptRecord {
  return {
    ...{ subscription: 1, partition: 0, position, topic: 'invoices', type: 'invoice.updated', tenantId: 1 },
    ...{
      entityKey: '1',
      sequence: position,
      attempt,
      atMs,
      durationMs: 1,
      timing: noTiming,
      answerHeaders: null,
      status: null,
      error,
      body: null,
    },
    outcome: error === null ? 'delivered' : 'waiting',
  }
}

async function world(before: readonly AttemptRecord[] = []) {
  const store = makeMemoryDeliveryStore()
  const write = async (records: readonly AttemptRecord[]) => {
    const rows = (outcome: AttemptRecord['outcome']) =>
      records
        .filter((record) => record.outcome === outcome)
        .map((record) => ({
          ...record,
          attempts: record.attempt,
          firstAttemptAtMs: record.atMs,
          dueAtMs: record.atMs + 1_000,
        }))
    await store.settle(
      {
        ...nothingSettled,
        attempts: records,
        waiting: rows('waiting'),
        ended: rows('failed').map((row) => ({ ...row, status: 'failed' as const })),
      },
      soleLease,
    )
  }
  await write(before)
  const told: string[] = []
  const failures: unknown[] = []
  const news = new EndpointNews({
    ...{ history: store, startedMs },
    tell: ({ turn, error }) => told.push(`${turn} ${error}`),
    onFailure: (error) => failures.push(error),
  })
  /** Every look-up of it has ended. */
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    ...{ told, failures, store },
    /** Written before it is noted, as a store that is quick would have it. */
    async attempt(record: AttemptRecord, of = subscription) {
      await write([record])
      news.attempted(of, record)
      await settled()
    },
    forget: () => news.forget(1),
  }
}

test('the first failure and the recovery are told, not the attempts between', async () => {
  const { attempt, told } = await world()
  await attempt(attempted(1, startedMs, null))
  for (let turn = 0; turn < 5; turn++) await attempt(attempted(2 + turn, startedMs + turn, 'http_500'))
  expect(told).toEqual(['failed http_500'])
  await attempt(attempted(10, startedMs + 10, null))
  await attempt(attempted(11, startedMs + 11, null))
  expect(told).toEqual(['failed http_500', 'recovered http_500'])
})

test('an endpoint that fails and recovers all the time is told of once a minute', async () => {
  const { attempt, told } = await world()
  for (let turn = 0; turn < 100; turn++) {
    const error = turn % 2 === 0 ? 'http_503' : null
    await attempt(attempted(turn, startedMs + turn * 1_000, error))
  }
  expect(told).toEqual(['failed http_503', 'recovered http_503', 'failed http_503', 'recovered http_503'])
  // And one that goes on failing is told of, late.
  await attempt(attempted(200, startedMs + 100_000, 'http_500'))
  await attempt(attempted(201, startedMs + 60_000 + minuteMs, 'http_500'))
  expect(told.slice(4)).toEqual(['failed http_500'])
})

describe('after a restart', () => {
  const failed = attempted(1, startedMs - 10, 'http_500')

  test('an endpoint that failed before is not told of again, and its recovery is', async () => {
    const { attempt, told } = await world([failed])
    await attempt(attempted(1, startedMs, 'http_502', 2))
    await attempt(attempted(2, startedMs, 'http_502'))
    expect(told).toEqual([])
    await attempt(attempted(3, startedMs + 1, null))
    expect(told).toEqual(['recovered http_500'])
  })

  test('its recovery is told when nothing fails in this run', async () => {
    const { attempt, told } = await world([failed])
    await attempt(attempted(2, startedMs, null))
    expect(told).toEqual(['recovered http_500'])
  })

  test('an endpoint that had recovered and fails anew is told of', async () => {
    const { attempt, told } = await world([failed, attempted(2, startedMs - 5, null)])
    await attempt(attempted(1, startedMs, 'http_502', 2))
    expect(told).toEqual(['failed http_502'])
  })

  test('a failure that ended its delivery counts as one', async () => {
    const { attempt, told } = await world([{ ...failed, outcome: 'failed' }])
    await attempt(attempted(2, startedMs, 'http_502'))
    expect(told).toEqual([])
  })
})

test('another endpoint, and another subscription after a deletion, start anew', async () => {
  const { attempt, told, forget } = await world()
  await attempt(attempted(1, startedMs, 'http_500'))
  const moved = { ...subscription, endpoint: { ...subscription.endpoint, url: 'https://other.example.com/hook' } }
  await attempt(attempted(2, startedMs + 1, 'http_501'), moved)
  forget()
  await attempt(attempted(3, startedMs + 2, 'http_502'))
  expect(told).toEqual(['failed http_500', 'failed http_501', 'failed http_502'])
})
