import { expect, test } from 'vitest'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import { Lane } from '../deliver/queue/lane.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { Progress } from './progress.ts'
import { Reader } from './reader.ts'
import { Tracker } from './tracker.ts'
import { UnwrittenProgress } from './unwritten-progress.ts'

const start = { mode: 'shared', position: 0, sequence: 0, catchUp: null, skipped: [] } as const

function setUp() {
  const shared = new Tracker(5)
  const unwritten = new UnwrittenProgress(0, shared)
  const add = (number: number, known: readonly number[] = []) => {
    const lane = new Lane(sampleSubscription('standard', { number }), defaultWebhookPolicy)
    const reader = new Reader(lane, new Progress(start), known)
    unwritten.follow(reader)
    return reader
  }
  const written = () => unwritten.changed().progress.map(({ subscription }) => subscription)
  return { shared, unwritten, add, written }
}

test('every write tells the watermark, and only rows that have changed', () => {
  const { shared, unwritten, add, written } = setUp()
  const first = add(1)
  add(2)
  expect(unwritten.changed().watermarks).toEqual([{ partition: 0, position: 5 }])
  expect(written()).toEqual([])
  first.progress.step({ kind: 'paused', readTo: 5, nowMs: 0 })
  first.detach(shared, 5)
  expect(written()).toEqual([1])
  expect(written()).toEqual([])
})

test('the row of one that takes part follows the shared watermark until its events are settled', () => {
  const { shared, add, written } = setUp()
  const reader = add(1)
  expect(written()).toEqual([1])
  const entry = shared.open(8, 1)
  reader.progress.giveSequence(8)
  expect(written()).toEqual([])
  shared.settle(entry)
  // Nobody touched it: the watermark moved by itself.
  expect(written()).toEqual([1])
})

test('rows that were refused are written again', () => {
  const { unwritten, add } = setUp()
  add(1)
  const { progress } = unwritten.changed()
  unwritten.notWritten(progress)
  expect(unwritten.changed().progress).toEqual(progress)
})

test('nothing is written of one that is gone', () => {
  const { unwritten, add, written } = setUp()
  const reader = add(1)
  const { progress } = unwritten.changed()
  unwritten.forget(reader)
  unwritten.notWritten(progress)
  reader.progress.giveSequence(9)
  expect(written()).toEqual([])
})

test('what a reader knows is forgotten once its place has passed it', () => {
  const { shared, unwritten, add } = setUp()
  const reader = add(1, [4, 7, 9])
  unwritten.changed()
  shared.read(7)
  unwritten.changed()
  expect([4, 7, 9].map((position) => reader.needsAttempt(position, shared))).toEqual([true, true, false])
})
