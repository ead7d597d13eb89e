import { describe, expect, test } from 'vitest'
import { defaultWebhookPolicy } from '../../core/dialect/webhook-policy.ts'
import type { StoredEvent } from '../../core/event/event.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import { sampleSubscription } from '../../dialects/samples.ts'
import { Lane } from './lane.ts'
import type { PendingDelivery } from './pending-delivery.ts'

const laneOf = (change: Partial<Subscription> = {}) =>
  new Lane(sampleSubscription('standard', change), defaultWebhookPolicy)

function delivery(
  position: number,
  more: { readonly bytes?: number; readonly isRetry?: boolean } = {},
): PendingDelivery {
  const event: StoredEvent = {
    ...{ partition: 0, position, topic: 'invoices', tenantId: 1, type: 'invoice.updated', entityKey: '1' },
    ...{ isQuiet: false, appendedAtMs: 0, head: '', tail: 'x'.repeat(more.bytes ?? 10) },
  }
  const fresh = {
    event,
    sequence: position,
    attempts: 0,
    firstAttemptAtMs: null,
    whenSettled: null,
    mayHaveRow: false,
    isLive: true,
  }
  return { ...fresh, origin: more.isRetry ? 'retry' : 'loop', offeredAtMs: 1_000 }
}

const positions = (deliveries: readonly PendingDelivery[] | undefined) => deliveries?.map(({ event }) => event.position)

test('has deliveries taken in the order in which they came', () => {
  const lane = laneOf()
  for (const position of [1, 2, 3]) lane.push(delivery(position))
  expect([lane.take(), lane.take(), lane.take(), lane.take()].map(positions)).toEqual([[1], [2], [3], undefined])
  expect(lane.inFlight).toBe(3)
})

test('retries and first attempts take turns', () => {
  const lane = laneOf()
  for (const position of [5, 6]) lane.push(delivery(position))
  for (const position of [1, 2]) lane.push(delivery(position, { isRetry: true }))
  expect([lane.take(), lane.take(), lane.take(), lane.take()].map(positions)).toEqual([[1], [5], [2], [6]])
})

describe('room', () => {
  test('ends at 128 fresh deliveries, or at 4 MiB of them', () => {
    const lane = laneOf()
    for (let position = 1; position < 128; position += 1) lane.push(delivery(position))
    expect(lane.hasRoom).toBe(true)
    lane.push(delivery(128))
    expect(lane.hasRoom).toBe(false)
    const wide = laneOf()
    wide.push(delivery(1, { bytes: 4 * 1024 * 1024 }))
    expect(wide.hasRoom).toBe(false)
    wide.take()
    expect(wide.hasRoom).toBe(true)
  })

  test('is told when an attempt has ended, and when the lane is closed', async () => {
    const lane = laneOf()
    for (let position = 1; position <= 128; position += 1) lane.push(delivery(position))
    const room = lane.room.wait()
    lane.take()
    lane.release()
    await room
    const closed = lane.room.wait()
    lane.close()
    await closed
    expect(lane.readyAtMs(0)).toBeNull()
  })
})

describe('a batch', () => {
  const batch = { maxEvents: 2, maxWaitMs: 500 }

  test('gathers until it is full, or its oldest has waited long enough', () => {
    const lane = laneOf({ batch })
    expect(lane.readyAtMs(1_000)).toBeNull()
    lane.push(delivery(1))
    expect(lane.readyAtMs(1_000)).toBe(1_500)
    expect(lane.readyAtMs(2_000)).toBe(2_000)
    lane.push(delivery(2))
    expect(lane.readyAtMs(1_000)).toBe(1_000)
    lane.push(delivery(3))
    expect(positions(lane.take())).toEqual([1, 2])
  })

  test('waits no longer than it may when the clock is set back', () => {
    const lane = laneOf({ batch })
    lane.push(delivery(1))
    expect(lane.readyAtMs(999)).toBe(999)
  })

  test('waits for nothing when a retry is there, which goes alone', () => {
    const lane = laneOf({ batch })
    lane.push(delivery(2))
    lane.push(delivery(1, { isRetry: true }))
    expect(lane.readyAtMs(1_000)).toBe(1_000)
    expect(positions(lane.take())).toEqual([1])
  })
})

test('a gate holds back what may not be attempted now, and others pass', () => {
  const lane = laneOf()
  const begun: number[] = []
  let open = new Set([2])
  lane.setGate({
    mayBegin: ({ event }) => open.has(event.position),
    begun: ({ event }) => begun.push(event.position),
  })
  for (const position of [1, 2]) lane.push(delivery(position))
  expect(positions(lane.take())).toEqual([2])
  expect(lane.readyAtMs(0)).toBeNull()
  expect(lane.take()).toBeUndefined()
  open = new Set([1])
  expect(positions(lane.take())).toEqual([1])
  expect(begun).toEqual([2, 1])
})

test('gives back what no attempt was begun for', () => {
  const lane = laneOf()
  for (const position of [1, 2, 3]) lane.push(delivery(position))
  lane.push(delivery(9, { isRetry: true }))
  lane.dropRetry(9)
  expect(positions(lane.takeQueued(({ event }) => event.position === 2))).toEqual([2])
  expect(lane.hasQueued(({ event }) => event.position === 2)).toBe(false)
  expect(positions(lane.dropFresh())).toEqual([1, 3])
  expect(lane.dropRetries()).toEqual([])
  expect(lane.queued).toBe(0)
})
