import { expect, test } from 'vitest'
import { MovableClock } from './movable-clock.ts'

const hourMs = 3_600_000

test('a jump runs what has fallen due once, in due order, at the new time', () => {
  const clock = new MovableClock()
  const startMs = clock.now()
  const ran: [name: string, atMs: number][] = []
  const note = (name: string) => ran.push([name, clock.now()])
  let ticks = 0
  const tick = () => {
    ticks += 1
    clock.schedule(1_000, tick)
  }
  clock.schedule(1_000, tick)
  clock.schedule(2 * hourMs, () => note('second'))
  clock.schedule(hourMs, () => note('first'))
  clock.schedule(hourMs, () => note('cancelled'))()
  clock.schedule(4 * hourMs, () => note('not yet'))

  clock.jump(3 * hourMs)
  expect(ran.map(([name]) => name)).toEqual(['first', 'second'])
  expect(ticks).toBe(1)
  for (const [, atMs] of ran) expect(atMs).toBeGreaterThanOrEqual(startMs + 3 * hourMs)
})

test('moving step by step runs everything at its own time', async () => {
  const clock = new MovableClock()
  const startMs = clock.now()
  const ran: number[] = []
  const tick = () => {
    ran.push(Math.round((clock.now() - startMs) / hourMs))
    clock.schedule(hourMs, tick)
  }
  clock.schedule(hourMs, tick)
  await clock.advance(3.5 * hourMs)
  expect(ran).toEqual([1, 2, 3])
})

test('what is cancelled leaves no timer that keeps the process', () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const clock = new MovableClock()
  const cancels = [clock.schedule(hourMs, () => {}), clock.schedule(2 * hourMs, () => {})]
  expect(timers()).toBe(before + 1)
  for (const cancel of cancels) cancel()
  expect(timers()).toBe(before)
})
