import { expect, onTestFinished, test, vi } from 'vitest'
import { Readiness } from './readiness.ts'

test('the server is ready while its store answers, until it is about to stop', async () => {
  const readiness = new Readiness({ count: async () => ({ waiting: 0, failed: 0 }) })
  expect(await readiness.check()).toEqual({ ready: true, checks: { store: true, accepting: true } })
  readiness.stop()
  expect(await readiness.check()).toEqual({ ready: false, checks: { store: true, accepting: false } })
  expect(readiness.isStopping).toBe(true)
})

test('a store that fails is not ready', async () => {
  const readiness = new Readiness({ count: () => Promise.reject(new Error('the disk is gone')) })
  expect(await readiness.check()).toEqual({ ready: false, checks: { store: false, accepting: true } })
})

test('a store that does not answer is not waited for', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const check = new Readiness({ count: () => new Promise(() => {}) }).check()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await check).toMatchObject({ ready: false, checks: { store: false } })
})
