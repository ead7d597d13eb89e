import { expect, test } from 'vitest'
import { deliveryTo, type WaitingDelivery } from '../../core/delivery/delivery.ts'
import { soleLease } from '../../core/delivery/lease.ts'
import type { SubscriptionProgress } from '../../core/delivery/subscription-progress.ts'
import { ManualClock } from '../../core/time/clock.ts'
import { attemptRow } from '../../engines/conformance/delivery-rows.ts'
import { eventAt } from '../fixtures/pending.ts'
import { FencedError } from './fenced.ts'
import { Settlements } from './settlements.ts'
import type { Settlement } from './settling-store.ts'

const waiting = (position: number, attempts = 1): WaitingDelivery => ({
  ...deliveryTo(1, eventAt(position), position),
  ...{ attempts, firstAttemptAtMs: 0, dueAtMs: 0 },
})
const place: SubscriptionProgress = {
  ...{ subscription: 1, partition: 0, mode: 'own', position: 7, sequence: 3, catchUp: null, skipped: [] },
}

/** Settlements over a store that keeps what it is given, or refuses it. */
function open() {
  const clock = new ManualClock()
  const written: Settlement[] = []
  const failures: unknown[] = []
  const notWritten: SubscriptionProgress[] = []
  let isRefusing = false
  let isFenced = false
  let asked = 0
  const settlements = new Settlements({
    store: {
      settle: async (settlement) => {
        if (isRefusing) throw new Error('the disk is full')
        if (isFenced) return 'fenced'
        written.push(settlement)
        return 'written'
      },
    },
    lease: soleLease,
    clock,
    progress: {
      changed: () => ({ watermarks: [{ partition: 0, position: ++asked }], progress: [place] }),
      notWritten: (rows) => notWritten.push(...rows),
    },
    onFailure: (error) => failures.push(error),
  })
  const refuse = (isSo: boolean) => {
    isRefusing = isSo
  }
  const fence = () => {
    isFenced = true
  }
  return { clock, settlements, written, failures, notWritten, refuse, fence }
}

test('what is settled within a moment is written as one, with how far reading is at that moment', async () => {
  const { clock, settlements, written } = open()
  settlements.waits(waiting(1))
  settlements.cleared(waiting(2))
  await clock.advance(24)
  expect(written).toEqual([])
  settlements.ended({ ...waiting(3), status: 'failed' })
  await clock.advance(1)
  expect(written).toMatchObject([
    { waiting: [{ position: 1 }], cleared: [{ position: 2 }], ended: [{ position: 3 }], progress: [place] },
  ])
  await clock.advance(60_000)
  expect(written).toHaveLength(1)
})

test('of two outcomes of a delivery, the later one is written alone', async () => {
  const { settlements, written } = open()
  settlements.waits(waiting(1))
  settlements.cleared(waiting(1))
  await settlements.flush()
  expect(written).toMatchObject([{ waiting: [], cleared: [{ position: 1 }] }])
})

test('what the store refuses is told to who asked, and written later under progress taken anew', async () => {
  const { clock, settlements, written, failures, notWritten, refuse } = open()
  const told: number[] = []
  settlements.onWritten(({ waiting }) => told.push(waiting.length))
  let isDurable = false
  refuse(true)
  settlements.waits(waiting(1))
  settlements.afterNextWrite(() => {
    isDurable = true
  })
  const asked = settlements.durable().catch((error: Error) => error.message)
  await clock.advance(1_000)
  expect(await asked).toBe('the disk is full')
  expect(failures).toHaveLength(1)
  expect(notWritten).toEqual([place])
  settlements.waits(waiting(1, 2))
  expect(isDurable).toBe(false)
  refuse(false)
  await clock.advance(2_000)
  expect(written).toMatchObject([{ waiting: [{ position: 1, attempts: 2 }], watermarks: [{ position: 2 }] }])
  expect(isDurable).toBe(true)
  expect(told).toEqual([1])
})

test('what the store refused is counted once, with what came meanwhile', async () => {
  const { clock, settlements, written, refuse } = open()
  const counted = { scopes: ['all'], counts: { delivered: 1 } } as const
  refuse(true)
  settlements.attempted(attemptRow(1, 1), counted)
  await clock.advance(1_000)
  settlements.attempted(attemptRow(1, 2), counted)
  refuse(false)
  await clock.advance(2_000)
  expect(written.flatMap(({ tallies }) => tallies)).toMatchObject([{ scope: 'all', counts: { delivered: 2 } }])
})

test('reading is held back at 20,000 rows that are not written, until some are', async () => {
  const { settlements } = open()
  for (let position = 1; position < 20_000; position += 1) settlements.cleared(waiting(position))
  expect(settlements.isFull).toBe(false)
  settlements.waits(waiting(20_000))
  expect(settlements.isFull).toBe(true)
  const room = settlements.room()
  await settlements.flush()
  await room
  expect(settlements.isFull).toBe(false)
})

test('tells once when something was last made to wait', () => {
  const { clock, settlements } = open()
  expect(settlements.takeLatestMs()).toBe(Number.NEGATIVE_INFINITY)
  settlements.waits(waiting(1))
  expect(settlements.takeLatestMs()).toBe(clock.now())
  expect(settlements.takeLatestMs()).toBe(Number.NEGATIVE_INFINITY)
})

test('a write that is fenced is the last one: nothing of it, or after it, is written, and it is told once', async () => {
  const { clock, settlements, written, failures, notWritten, fence } = open()
  let calledBack = 0
  settlements.onWritten(() => calledBack++)
  fence()
  settlements.waits(waiting(1))
  settlements.afterNextWrite(() => calledBack++)
  await expect(settlements.durable()).rejects.toBeInstanceOf(FencedError)
  settlements.ended({ ...waiting(2), status: 'failed' })
  settlements.afterNextWrite(() => calledBack++)
  await clock.advance(60_000)
  await settlements.flush()
  await expect(settlements.durable()).rejects.toMatchObject({ code: 'shutting_down' })
  expect(written).toEqual([])
  expect(calledBack).toBe(0)
  expect(notWritten).toEqual([])
  expect(settlements.isFull).toBe(false)
  expect(failures).toHaveLength(1)
  expect(failures[0]).toBeInstanceOf(FencedError)
})
