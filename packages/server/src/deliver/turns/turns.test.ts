import { expect, test } from 'vitest'
import type { Subscription } from '../../core/registry/registry.ts'
import { ManualClock } from '../../core/time/clock.ts'
import { breakerThreshold } from './breaker.ts'
import { SampleContender } from './fixtures/entrant.ts'
import { type Turn, type TurnOutcome, Turns } from './turns.ts'

const accepted: TurnOutcome = { isDelivered: true, isCutShort: false, durationMs: 5, holdUntilMs: null }
const failed: TurnOutcome = { ...accepted, isDelivered: false }

/** Begins whatever may begin, as the dispatcher does; `begun` has the turns that are not done. */
function open(attempts = 16) {
  const clock = new ManualClock()
  const turns = new Turns<SampleContender>(clock, attempts)
  const begun: Turn<SampleContender>[] = []
  const resting: SampleContender[] = []
  const run = () => {
    for (let turn = turns.next(); turn; turn = turns.next()) {
      turn.contender.waiting -= 1
      turn.contender.inFlight += 1
      begun.push(turn)
    }
  }
  turns.onEvent((event) => {
    if (event.kind === 'ready') run()
    else resting.push(event.contender)
  })
  const enter = (waiting: number, change: Partial<Subscription> = {}) => {
    const contender = new SampleContender(change)
    contender.waiting = waiting
    turns.enter(contender)
    turns.ready(contender)
    run()
    return contender
  }
  const end = (outcome: TurnOutcome | null) => {
    const turn = begun.shift()!
    turn.contender.inFlight -= 1
    const news = turns.done(turn, outcome)
    run()
    return news
  }
  return { clock, turns, begun, resting, enter, end, run }
}

test('an endpoint begins with two attempts at once, and gets more with each success up to its limit', () => {
  const { begun, enter, end } = open()
  enter(100, { concurrency: 4 })
  expect(begun).toHaveLength(2)
  end(accepted)
  expect(begun).toHaveLength(4)
  end(accepted)
  expect(begun).toHaveLength(4)
})

test('those that wait take turns: none begins its second before the other began its first', () => {
  const { begun, enter, run, turns } = open()
  const [first, second] = [enter(0), enter(0)]
  for (const contender of [first, second]) {
    contender.waiting = 2
    turns.ready(contender)
  }
  run()
  expect(begun.map(({ contender }) => contender)).toEqual([first, second, first, second])
})

test('a slot that is freed goes to one that waits for it, longest first', () => {
  const { begun, enter, end } = open(4)
  const many = enter(3, { integrationId: 'int_1', concurrency: 8 })
  const other = enter(1, { integrationId: 'int_2' })
  expect(begun.map(({ contender }) => contender)).toEqual([many, many])
  end(null)
  expect(begun.map(({ contender }) => contender)).toEqual([many, other])
})

test('failures in a row open its breaker, which is told; after the pause one attempt tries', async () => {
  const { begun, clock, enter, end, resting, turns } = open()
  const contender = enter(100)
  for (let failure = 0; failure < breakerThreshold; failure += 1) {
    if (begun.length === 0) await clock.advance(10)
    end(failed)
  }
  expect(resting).toEqual([contender])
  expect(turns.breakerOf(contender)).toBe('open')
  expect(turns.restOf(contender, clock.now())).toEqual({ untilMs: clock.now() + 1_000, isAskedFor: false })
  while (begun.length > 0) end(null)
  await clock.advance(990)
  expect(begun).toHaveLength(0)
  await clock.advance(20)
  expect(begun).toHaveLength(1)
  end(accepted)
  expect(turns.breakerOf(contender)).toBe('closed')
})

test('an endpoint that asks for it is left alone until then, with all that share it; enabling lets it be tried', async () => {
  const { begun, clock, enter, end, resting, turns } = open()
  const contender = enter(10)
  const untilMs = clock.now() + 3_600_000
  expect(end({ ...failed, holdUntilMs: untilMs })).toEqual([{ kind: 'held', untilMs }])
  while (begun.length > 0) end(null)
  expect(turns.restOf(contender, clock.now())).toEqual({ untilMs, isAskedFor: true })
  const sharing = enter(1)
  const elsewhere = enter(1, { integrationId: 'int_2' })
  expect(begun.map((turn) => turn.contender)).toEqual([elsewhere])
  await clock.advance(1)
  expect(resting).toContain(sharing)
  turns.release(contender.subscription)
  turns.ready(sharing)
  end(null)
  await clock.advance(100)
  expect(begun.map((turn) => turn.contender)).toContain(sharing)
})

test('a rate spreads attempts over time', async () => {
  const { begun, clock, end, enter } = open()
  enter(100, { ratePerSecond: 20, concurrency: 100 })
  expect(begun).toHaveLength(2)
  end(null)
  end(null)
  expect(begun).toHaveLength(0)
  await clock.advance(49)
  expect(begun).toHaveLength(0)
  await clock.advance(1)
  expect(begun).toHaveLength(1)
})

test('one that is disabled begins nothing, unless its dialect retries all the same', () => {
  const { begun, enter } = open()
  enter(1, { status: 'disabled' })
  expect(begun).toHaveLength(0)
})

test('one that has left has no turn any more, and its slots come back', () => {
  const { enter, end, turns, run, begun } = open()
  const gone = enter(5)
  turns.leave(gone)
  turns.ready(gone)
  run()
  expect(begun).toHaveLength(2)
  expect(end(failed)).toEqual([])
  end(null)
  expect(turns.underWay).toBe(0)
})

test('news: failing after a minute, recovered by the first success, failed too long by its dialect', async () => {
  const { clock, enter, end, begun } = open()
  const contender = enter(1_000)
  const endNext = async (outcome: TurnOutcome) => {
    for (let tries = 0; begun.length === 0 && tries < 100; tries += 1) await clock.advance(60_000)
    return end(outcome)
  }
  const startedMs = clock.now()
  expect(await endNext(failed)).toEqual([])
  await clock.advance(60_000)
  expect(await endNext(failed)).toEqual([{ kind: 'failing', sinceMs: startedMs }])
  contender.subscription = { ...contender.subscription, failingSince: new Date(startedMs).toISOString() }
  expect(await endNext(failed)).toEqual([])
  await clock.advance(contender.policy.disableAfterFailingMs ?? 0)
  for (let failures = 0; failures < 3; failures += 1) await endNext(failed)
  expect(await endNext(failed)).toEqual([{ kind: 'failed too long' }])
  expect(await endNext(accepted)).toEqual([{ kind: 'recovered' }])
})

test('a hold that is released is released for every subscription of the endpoint', () => {
  const { begun, enter, end, run, turns } = open()
  const [one, other] = [enter(2), enter(0)]
  end({ ...failed, holdUntilMs: Date.UTC(2026, 0, 2) })
  end(null)
  other.waiting = 1
  turns.ready(other)
  run()
  expect(begun).toEqual([])
  turns.release(one.subscription)
  run()
  expect(begun.map(({ contender }) => contender)).toEqual([other])
})
