import { expect, test } from 'vitest'
import type { Owner } from '../core/credential/caller.ts'
import type { SeriesCounts } from '../core/series/counts.ts'
import { latencyStep } from '../core/series/latency.ts'
import { minuteMs } from '../core/series/tally.ts'
import type { SeriesRequest } from '../deliver/history/series-store.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { type SeriesQuestion, seriesOf } from './series.ts'

const operator: Owner = { kind: 'operator' }
const nowMs = Date.UTC(2026, 0, 10, 12, 34, 56)
const integrationId = 'int_1'
const ofTenant: Owner = { kind: 'integrator', integrationId, tenantId: 5, token: null }

/** Answers with the given counts in the last step; positions grow by ten a minute. */
function open(last: SeriesCounts = {}, subscriptions = 0, positionAt = (timeMs: number) => (timeMs / minuteMs) * 10) {
  const asked: SeriesRequest[] = []
  const own = Array.from({ length: subscriptions }, (_, number) =>
    sampleSubscription('standard', { number, id: `sub_${number}`, integrationId, boundTenantId: 5 }),
  )
  const deps = {
    store: {
      series: async (request: SeriesRequest) => {
        asked.push(request)
        return Array.from({ length: request.steps }, (_, step) => (step === request.steps - 1 ? last : {}))
      },
    },
    log: { positionBefore: async (_partition: number, timeMs: number) => positionAt(Math.min(timeMs, nowMs)) },
    clock: { now: () => nowMs },
    subscriptions: { all: () => own },
  }
  const ask = (question: Partial<SeriesQuestion>, owner = operator) =>
    seriesOf(deps, owner, { metric: 'deliveries', range: '1h', ...question })
  return { ask, asked }
}

test('an hour is told by minute, and more by hour; the last step is under way', async () => {
  const { ask, asked } = open({ delivered: 3, failed: 1, waiting: 5 })
  const hour = await ask({})
  expect(hour).toMatchObject({ stepSeconds: 60, fromMs: Date.UTC(2026, 0, 10, 11, 35) })
  expect(hour.points).toHaveLength(60)
  expect(hour.points.at(-1)).toBe(4)
  expect((await ask({ outcome: 'waiting' })).points.at(-1)).toBe(5)
  expect(await ask({ range: '24h' })).toMatchObject({ stepSeconds: 3_600, fromMs: Date.UTC(2026, 0, 9, 13) })
  expect((await ask({ range: '14d' })).points).toHaveLength(336)
  expect(asked.map(({ scopes }) => scopes)).toEqual([['all'], ['all'], ['all'], ['all']])
})

test('every metric is one number of the counts; where there is nothing to tell, there is none', async () => {
  const step = latencyStep(100)
  const counts = { delivered: 2, 'error gone': 1, failed: 1, [`latency ${step}`]: 2, streams: 7, samples: 2 } as const
  const { ask } = open(counts)
  const last = async (question: Partial<SeriesQuestion>) => (await ask(question)).points.slice(-2)
  expect(await last({ metric: 'attempts' })).toEqual([0, 3])
  expect(await last({ metric: 'attempts', error: 'gone' })).toEqual([0, 1])
  expect(await last({ metric: 'latency_p99' })).toEqual([null, 99])
  expect(await last({ metric: 'streams' })).toEqual([0, 4])
})

test('events are counted by positions, save those that a restored backup left free', async () => {
  expect((await open().ask({ metric: 'published' })).points.slice(0, -1)).toEqual(Array(59).fill(10))
  const restoredMs = nowMs - 10 * minuteMs
  const jumping = open({}, 0, (timeMs) => (timeMs < restoredMs ? 0 : 1e12))
  const { points } = await jumping.ask({ metric: 'published' })
  expect(points.filter((point) => point === null)).toHaveLength(1)
})

test('who sees one tenant is told of its subscriptions, unless they are too many to add up', async () => {
  const few = open({}, 3)
  await few.ask({ dialect: 'standard' }, ofTenant)
  expect(few.asked[0]!.scopes).toEqual(['subscription 0', 'subscription 1', 'subscription 2'])
  await expect(open({}, 501).ask({}, ofTenant)).rejects.toThrow('more than 500')
  await expect(few.ask({ metric: 'streams' }, ofTenant)).rejects.toMatchObject({ code: 'forbidden' })
})
