import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { graceMs, PendingRewinds } from './pending-rewinds.ts'

const from = '2026-11-28T00:00:00.000Z'
let begun: string[]
let failure: Error | null
let rewinds: PendingRewinds

beforeEach(() => {
  vi.useFakeTimers()
  begun = []
  failure = null
  rewinds = new PendingRewinds(async (id, time) => {
    if (failure) throw failure
    begun.push(`${id} ${time}`)
  })
})
afterEach(() => vi.useRealTimers())

test('a rewind begins when its time to think again is over, and no sooner', async () => {
  rewinds.ask('sub_1', from)
  await vi.advanceTimersByTimeAsync(graceMs - 1)
  expect([rewinds.of('sub_1')?.from, begun]).toEqual([from, []])
  await vi.advanceTimersByTimeAsync(1)
  expect([rewinds.of('sub_1'), begun]).toEqual([undefined, [`sub_1 ${from}`]])
})

test('undone, it never begins; asked for again, it begins once', async () => {
  rewinds.ask('sub_1', from)
  rewinds.undo('sub_1')
  rewinds.ask('sub_2', from)
  rewinds.ask('sub_2', from)
  await vi.advanceTimersByTimeAsync(2 * graceMs)
  expect(begun).toEqual([`sub_2 ${from}`])
})

test('one that is refused stays, with the reason, until it is undone', async () => {
  const told = vi.fn()
  rewinds.subscribe(told)
  failure = new Error('too old')
  rewinds.ask('sub_1', from)
  await rewinds.beginNow('sub_1')
  expect(rewinds.of('sub_1')).toMatchObject({ from, failure })
  await vi.advanceTimersByTimeAsync(2 * graceMs)
  expect(begun).toEqual([])
  rewinds.undo('sub_1')
  expect(rewinds.of('sub_1')).toBeUndefined()
  expect(told).toHaveBeenCalled()
})
