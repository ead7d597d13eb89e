import { expect, test } from 'vitest'
import type { AttemptOutcome } from '../../core/delivery/attempt-outcome.ts'
import { deliveryKeyText, type EndedDelivery, type WaitingDelivery } from '../../core/delivery/delivery.ts'
import { defaultWebhookPolicy } from '../../core/dialect/webhook-policy.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import { sampleSubscription } from '../../dialects/samples.ts'
import { eventAt, pendingOf } from '../fixtures/pending.ts'
import { Lane } from '../queue/lane.ts'
import { type PendingDelivery, waitingRow } from '../queue/pending-delivery.ts'
import { EntityFlow } from './entity-flow.ts'
import { heldDueMs } from './entity-ledger.ts'

const delivered: AttemptOutcome = { kind: 'delivered' }
const ordered = { ordering: 'entity' } as const
const coalescing = { coalesce: 'latest' } as const

/** A lane with its flow; `rows` is what the store would have, `write` makes it durable. */
function open(change: Partial<Subscription>) {
  const lane = new Lane(sampleSubscription('standard', change), defaultWebhookPolicy)
  const rows = new Map<string, WaitingDelivery | EndedDelivery>()
  const ready: Lane[] = []
  let callbacks: (() => void)[] = []
  const flow = new EntityFlow(
    {
      clock: { now: () => 1_000 },
      settlements: {
        waits: (row) => rows.set(deliveryKeyText(row), row),
        ended: (row) => rows.set(deliveryKeyText(row), row),
        afterNextWrite: (callback) => callbacks.push(callback),
      },
      ready: (one) => ready.push(one),
    },
    lane,
  )
  lane.setGate(flow)
  flow.resume()
  const write = () => {
    const due = callbacks
    callbacks = []
    for (const callback of due) callback()
  }
  const taken = () => lane.take()?.map(({ event }) => event.position)
  const rowAt = (position: number) => rows.get(`1 0 ${position}`)
  return { lane, flow, ready, write, taken, rowAt }
}

const settledOnes = () => {
  const positions: number[] = []
  const whenSettled = { settled: ({ event }: PendingDelivery) => void positions.push(event.position) }
  return { positions, whenSettled }
}

test('ordered: the next of an entity begins once the outcome of the one before is durable; others go on', () => {
  const { flow, lane, ready, write, taken } = open(ordered)
  const [first, second, other] = [eventAt(1), eventAt(2), eventAt(3, 'other')].map((event) => pendingOf(event))
  for (const each of [first!, second!, other!]) flow.offer(each)
  expect([taken(), taken(), taken()]).toEqual([[1], [3], undefined])
  flow.end(first!, delivered)
  expect(taken()).toBeUndefined()
  write()
  expect(ready).toEqual([lane])
  expect(taken()).toEqual([2])
})

test('ordered: newer ones wait as rows behind a failed one, and are let go one by one', () => {
  const { flow, write, taken, rowAt, lane } = open(ordered)
  const { positions, whenSettled } = settledOnes()
  const first = pendingOf(eventAt(1))
  const second = pendingOf(eventAt(2), { whenSettled })
  for (const each of [first, second]) flow.offer(each)
  expect(taken()).toEqual([1])
  flow.wait({ ...waitingRow(1, first, 9_000) })
  flow.end(first, { kind: 'retry', error: 'http_500', dueAtMs: 9_000 })
  expect(rowAt(2)).toMatchObject({ dueAtMs: heldDueMs })
  expect(positions).toEqual([2])
  // One that comes later is held at once.
  flow.offer(pendingOf(eventAt(4), { whenSettled }))
  expect(rowAt(4)).toMatchObject({ dueAtMs: heldDueMs })
  write()
  expect(rowAt(2)).toMatchObject({ dueAtMs: heldDueMs })
  const retry = pendingOf(eventAt(1), { origin: 'retry', attempts: 1 })
  expect(flow.offer(retry)).toBe(true)
  expect(taken()).toEqual([1])
  flow.end(retry, delivered)
  write()
  expect(rowAt(2)).toMatchObject({ dueAtMs: 1_000 })
  expect(rowAt(4)).toMatchObject({ dueAtMs: heldDueMs })
  expect(lane.queued).toBe(0)
})

test('coalescing: a newer one takes the place of those that wait or are queued, but never of a creation', () => {
  const { flow, taken, rowAt } = open(coalescing)
  const { positions, whenSettled } = settledOnes()
  const created = pendingOf(eventAt(1, '1', 'invoice.created'), { whenSettled })
  flow.wait(waitingRow(1, pendingOf(eventAt(2)), 9_000))
  for (const each of [created, pendingOf(eventAt(3), { whenSettled }), pendingOf(eventAt(4))]) flow.offer(each)
  expect(rowAt(2)).toMatchObject({ status: 'superseded' })
  expect(rowAt(3)).toMatchObject({ status: 'superseded' })
  expect(positions).toEqual([3])
  expect([taken(), taken(), taken()]).toEqual([[1], [4], undefined])
})

test('coalescing: a failed one is not kept when a newer one is queued', () => {
  const { flow, taken, rowAt } = open(coalescing)
  const first = pendingOf(eventAt(1))
  flow.offer(first)
  expect(taken()).toEqual([1])
  flow.offer(pendingOf(eventAt(2)))
  flow.wait(waitingRow(1, first, 9_000))
  expect(rowAt(1)).toMatchObject({ status: 'superseded' })
})

test('coalescing and ordered: the newer one is not sent before it is durable that the older one is not', () => {
  const { flow, write, taken } = open({ ...ordered, ...coalescing })
  for (const position of [1, 2]) flow.offer(pendingOf(eventAt(position)))
  expect(taken()).toBeUndefined()
  write()
  expect(taken()).toEqual([2])
})

test('a retry that was superseded meanwhile is not due any more', () => {
  const { flow } = open(ordered)
  expect(flow.offer(pendingOf(eventAt(1), { origin: 'retry' }))).toBe(false)
})

test('a replay of what waits already takes the place of its row', () => {
  const { flow, taken, lane } = open(ordered)
  flow.remember(waitingRow(1, pendingOf(eventAt(1)), 9_000))
  expect(flow.offer(pendingOf(eventAt(1)))).toBe(true)
  expect(taken()).toEqual([1])
  expect(lane.queued).toBe(0)
})

test('one whose event must not be sent any more lets the next one go', () => {
  const { flow, taken, rowAt } = open(ordered)
  const first = pendingOf(eventAt(1))
  flow.offer(first)
  taken()
  flow.remember({ ...waitingRow(1, pendingOf(eventAt(2)), heldDueMs) })
  flow.giveUp(first)
  expect(rowAt(2)).toMatchObject({ dueAtMs: 1_000 })
})

test('without an order any more, everything that was held is due', () => {
  const { flow, rowAt } = open(ordered)
  for (const position of [2, 3]) flow.remember(waitingRow(1, pendingOf(eventAt(position)), heldDueMs))
  flow.releaseHeld()
  expect([rowAt(2)?.dueAtMs, rowAt(3)?.dueAtMs]).toEqual([1_000, 1_000])
})
