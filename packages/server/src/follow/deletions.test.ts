import { expect, test } from 'vitest'
import { AppError } from '../core/errors.ts'
import { ManualClock } from '../core/time/clock.ts'
import { Deletions } from './deletions.ts'

const dayMs = 86_400_000

/** Deletions over what the registry remembers, by number with the time of each. */
function open(remembered: Readonly<Record<number, number>> = {}) {
  const clock = new ManualClock()
  const deleted = new Map(Object.entries(remembered).map(([number, agoMs]) => [Number(number), clock.now() - agoMs]))
  const done: string[] = []
  const failures: unknown[] = []
  let refusals = 0
  const call = async (name: string) => {
    if (refusals > 0) {
      refusals -= 1
      throw new AppError('storage_unavailable', 'the disk is full')
    }
    done.push(name)
  }
  const deletions = new Deletions({
    deleted: {
      has: (number) => deleted.has(number),
      before: (timeMs) => [...deleted].filter(([, atMs]) => atMs < timeMs).map(([number]) => number),
      drop: async (numbers) => {
        for (const number of numbers) deleted.delete(number)
      },
    },
    settling: { forget: (number) => call(`forget ${number}`) },
    settlements: { durable: () => call('durable') },
    clock,
    onFailure: (error) => failures.push(error),
  })
  const refuse = (times: number) => {
    refusals = times
  }
  return { clock, deletions, done, failures, refuse, remembered: () => [...deleted.keys()] }
}

test('a subscription is forgotten once everything gathered for it is written', async () => {
  const { deletions, done } = open()
  await deletions.finish(3)
  expect(done).toEqual(['durable', 'forget 3'])
})

test('what the store refuses is tried again', async () => {
  const { clock, deletions, done, failures, refuse } = open()
  refuse(2)
  const finished = deletions.finish(3)
  await clock.advance(2_000)
  await finished
  expect(failures).toHaveLength(2)
  expect(done).toEqual(['durable', 'forget 3'])
})

test('a start goes on with those that were deleted, and leaves alone those that it does not know', async () => {
  const { clock, deletions, done } = open({ 3: 1_000, 8: 1_000 })
  deletions.start([3, 5])
  await clock.advance(0)
  expect(done).toEqual(['durable', 'forget 3'])
  deletions.stop()
})

test('a deletion is remembered for a week, and until it is finished', async () => {
  const { clock, deletions, done, refuse, remembered } = open({ 3: 6 * dayMs, 4: 8 * dayMs })
  refuse(1)
  deletions.start([4])
  await clock.advance(0)
  expect(remembered()).toEqual([3, 4])
  await clock.advance(1_000)
  expect(done).toEqual(['durable', 'forget 4'])
  expect(remembered()).toEqual([3])
  await clock.advance(2 * dayMs)
  expect(remembered()).toEqual([])
  deletions.stop()
})

test('once stopped it asks nothing more', async () => {
  const { clock, deletions, done, failures, refuse } = open()
  refuse(1)
  const finished = deletions.finish(3)
  await clock.advance(0)
  deletions.stop()
  await clock.advance(60_000)
  await finished
  expect(done).toEqual([])
  expect(failures).toHaveLength(1)
  expect(clock.nextDueMs()).toBeUndefined()
})
