import { expect, test } from 'vitest'
import { Progress } from './progress.ts'

const shared = { mode: 'shared', position: 30, sequence: 4, catchUp: null, skipped: [] } as const
const own = { ...shared, mode: 'own', position: 12 } as const
const where = { readTo: 40, settledTo: 40, latest: 90, nowMs: 7 }

function touched(progress: Progress) {
  const count = { times: 0 }
  progress.onTouched = () => {
    count.times += 1
  }
  return count
}

test('one that takes part is as far as the shared loop, from where it begins', () => {
  const progress = new Progress(shared)
  expect([progress.sharedFrom, progress.readTo(20), progress.readTo(40)]).toEqual([30, 30, 40])
  expect([progress.settledTo(20), progress.settledTo(40)]).toEqual([30, 40])
})

test('one that reads for itself is as far as its own tracker, whatever the shared loop has read', () => {
  const progress = new Progress(own)
  progress.own!.open(15, 1)
  expect([progress.sharedFrom, progress.readTo(40), progress.settledTo(40)]).toEqual([null, 15, 14])
})

test('one that has joined holds its place back until what its own loop began is settled', () => {
  const progress = new Progress(own)
  const entry = progress.own!.open(15, 1)
  progress.step({ kind: 'opened', isActive: true, ...where })
  progress.step({ kind: 'caught up', readTo: 15, isSettled: false })
  expect([progress.sharedFrom, progress.readTo(40), progress.settledTo(40)]).toEqual([15, 40, 14])
  expect(progress.changedRow(1, 0, 40)).toMatchObject({ mode: 'own', position: 14, catchUp: null })
  const count = touched(progress)
  progress.own!.settle(entry)
  expect([progress.state.kind, progress.own, progress.settledTo(40), count.times > 0]).toEqual([
    'shared',
    null,
    40,
    true,
  ])
  expect(progress.changedRow(1, 0, 40)).toMatchObject({ mode: 'shared', position: 15 })
})

test('one that leaves the shared loop keeps the tracker that it has, read on to where it left', () => {
  const progress = new Progress(own)
  progress.own!.open(15, 1)
  progress.step({ kind: 'opened', isActive: true, ...where })
  progress.step({ kind: 'caught up', readTo: 15, isSettled: false })
  progress.step({ kind: 'left', ...where })
  const before = progress.own
  expect(progress.detach(40)).toBe(before)
  expect([progress.own!.readTo, progress.own!.watermark]).toEqual([40, 14])
})

test('the row has the number of the last settled event, and is told of when it has changed', () => {
  const progress = new Progress(own)
  progress.sequences.give(15)
  progress.sequences.give(25)
  expect(progress.changedRow(1, 0, 0)).toMatchObject({ subscription: 1, partition: 0, position: 12, sequence: 4 })
  expect(progress.changedRow(1, 0, 0)).toBeUndefined()
  progress.own!.read(20)
  expect(progress.changedRow(1, 0, 0)).toMatchObject({ position: 20, sequence: 5 })
  progress.notWritten()
  expect(progress.changedRow(1, 0, 0)).toMatchObject({ position: 20, sequence: 5 })
})

test('the row of one that takes part changes with the shared watermark while an event of it is open', () => {
  const progress = new Progress(shared)
  expect(progress.followsShared).toBe(false)
  progress.giveSequence(35)
  expect(progress.followsShared).toBe(true)
  expect(progress.changedRow(1, 0, 34)).toMatchObject({ mode: 'shared', position: 30, sequence: 4 })
  expect(progress.changedRow(1, 0, 35)).toMatchObject({ position: 30, sequence: 5 })
  expect(progress.followsShared).toBe(false)
})

test('whatever may change the row touches it', () => {
  const progress = new Progress(own)
  const count = touched(progress)
  const touches = (work: () => unknown) => {
    const before = count.times
    work()
    return count.times > before
  }
  expect(touches(() => progress.step({ kind: 'opened', isActive: true, ...where }))).toBe(true)
  expect(touches(() => progress.step({ kind: 'durable', ...where }))).toBe(false)
  expect(touches(() => progress.own!.read(20))).toBe(true)
  expect(touches(() => progress.giveSequence(21))).toBe(true)
  expect(touches(() => progress.step({ kind: 'dropped', after: 20, to: 30, nowMs: 1 }))).toBe(true)
  expect(touches(() => progress.moveTo(40))).toBe(true)
  expect(touches(() => progress.notWritten())).toBe(true)
})
