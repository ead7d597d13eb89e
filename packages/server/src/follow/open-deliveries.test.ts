import { expect, test } from 'vitest'
import { eventAt, pendingOf } from '../deliver/fixtures/pending.ts'
import { OpenDeliveries } from './open-deliveries.ts'
import { Tracker } from './tracker.ts'

const deliveryAt = (position: number) => pendingOf(eventAt(position))

test('a delivery holds its tracker back until it is settled, once', () => {
  const [open, tracker] = [new OpenDeliveries(), new Tracker(0)]
  const [first, second] = [deliveryAt(10), deliveryAt(20)]
  const entry = tracker.open(10, 2)
  open.add(first, tracker, entry)
  open.add(second, tracker, tracker.open(20, 1))
  expect([open.holds(entry), open.isOpenAt(10), open.isOpenAt(15)]).toEqual([true, true, false])
  open.settle(first)
  // Another subscription still waits for the event.
  open.settle(first)
  expect([tracker.watermark, open.holds(entry), open.isOpenAt(10)]).toEqual([9, false, false])
  tracker.settle(entry)
  expect(tracker.watermark).toBe(19)
  expect(open.all()).toEqual([second])
})

test('deliveries that move hold the other tracker back from then on, whatever order they were queued in', () => {
  const [open, from, to] = [new OpenDeliveries(), new Tracker(0), new Tracker(5)]
  const [first, second, third] = [deliveryAt(10), deliveryAt(20), deliveryAt(30)]
  for (const delivery of [first, second, third]) {
    open.add(delivery, from, from.open(delivery.event.position, 1))
  }
  open.moveTo(to, [third, first])
  expect([from.watermark, to.watermark]).toEqual([19, 9])
  expect([open.in(from), open.in(to).map(({ event }) => event.position)]).toEqual([[second], [10, 30]])
  open.settle(first)
  open.settle(second)
  expect([from.watermark, to.watermark]).toEqual([30, 29])
})

test('all are settled at once, or given up with their tracker', () => {
  const [open, tracker, other] = [new OpenDeliveries(), new Tracker(0), new Tracker(0)]
  const [first, second] = [deliveryAt(10), deliveryAt(20)]
  open.add(first, tracker, tracker.open(10, 1))
  open.add(second, other, other.open(20, 1))
  open.drop([first])
  open.settleAll()
  expect([open.all(), tracker.watermark, other.watermark]).toEqual([[], 9, 20])
  open.settle(first)
  expect(tracker.watermark).toBe(9)
})
