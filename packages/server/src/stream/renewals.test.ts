import { expect, it } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { type Renewable, Renewals } from './renewals.ts'

function world() {
  const clock = new ManualClock(0)
  const renewals = new Renewals(clock)
  const renewed: [name: string, atMs: number][] = []
  const failed: unknown[] = []
  const named = (name: string, renew = () => {}): Renewable => ({
    renew(nowMs) {
      renewed.push([name, nowMs])
      renew()
    },
    fail: (error) => failed.push(error),
  })
  return { clock, renewals, renewed, failed, named }
}

it('renews what was marked before anything is judged, once', () => {
  const { renewals, renewed, named } = world()
  const one = named('one')
  renewals.mark(one)
  renewals.mark(one)
  renewals.renew()
  renewals.renew()
  expect(renewed).toEqual([['one', 0]])
})

it('renews in the next turn of the event loop where nothing is judged', async () => {
  const { renewals, renewed, named } = world()
  renewals.mark(named('one'))
  await new Promise<void>((resolve) => setImmediate(resolve))
  expect(renewed).toEqual([['one', 0]])
})

it('renews at its moment what expires, and before anything is judged after it', async () => {
  const { clock, renewals, renewed, named } = world()
  renewals.expireAt(named('late'), 200_000)
  renewals.expireAt(named('soon'), 90_000)
  await clock.advance(89_999)
  expect(renewed).toEqual([])
  await clock.advance(1)
  expect(renewed).toEqual([['soon', 90_000]])
  await clock.advance(300_000)
  expect(renewed).toEqual([
    ['soon', 90_000],
    ['late', 200_000],
  ])
})

it('does not ask those that left', async () => {
  const { clock, renewals, renewed, named } = world()
  const one = named('one')
  renewals.expireAt(one, 10)
  renewals.mark(one)
  renewals.forget(one)
  await clock.advance(20)
  expect(renewed).toEqual([])
})

it('one whose view cannot be made fails alone', () => {
  const { renewals, renewed, failed, named } = world()
  const error = new Error('no view')
  renewals.mark(
    named('bad', () => {
      throw error
    }),
  )
  renewals.mark(named('good'))
  renewals.renew()
  expect(failed).toEqual([error])
  expect(renewed.map(([name]) => name)).toEqual(['bad', 'good'])
})
