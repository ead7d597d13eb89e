import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import { noTiming } from '../core/delivery/attempt-timing.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { createMetrics, type Gauges } from './metrics.ts'

const gauges: Gauges = {
  webhooks: { lag: 3, attemptsUnderWay: 8 },
  deliveries: { count: async () => ({ waiting: 4, failed: 5 }), overdueMs: async () => 1_500 },
  streams: { count: 6 },
  streamed: { stats: () => ({ deliveries: 7 }) },
  unknownTenants: { events: 9 },
}
function watching() {
  const metrics = createMetrics(10)
  metrics.watch(gauges)
  return metrics
}
const attempt = (rest: Partial<AttemptRecord>): AttemptRecord => ({
  ...{ subscription: 1, partition: 0, position: 1, topic: 'invoices', type: 'invoice.updated', tenantId: 1 },
  ...{
    entityKey: '7',
    sequence: 1,
    attempt: 1,
    atMs: 0,
    durationMs: 250,
    timing: noTiming,
    answerHeaders: null,
    status: 200,
    error: null,
    body: null,
  },
  ...{ outcome: 'delivered', ...rest },
})

/** Our metrics, by name with labels. */
async function values(metrics: ReturnType<typeof createMetrics>): Promise<ReadonlyMap<string, number>> {
  const { text } = await metrics.read()
  const lines = text.split('\n').filter((line) => line.startsWith('tidings_'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('what is asked for when metrics are read is in base units, however often it is read', async () => {
  const metrics = watching()
  await metrics.read()
  const found = await values(metrics)
  expect([...found].filter(([name]) => !/_(bucket|sum|count)\b|attempts_total|published|bytes/.test(name))).toEqual([
    ['tidings_delivery_lag_events', 3],
    ['tidings_deliveries{status="waiting"}', 4],
    ['tidings_deliveries{status="failed"}', 5],
    ['tidings_delivery_overdue_seconds', 1.5],
    ['tidings_stream_connections', 6],
    ['tidings_attempts_under_way', 8],
    ['tidings_streamed_events_total', 7],
    ['tidings_unknown_tenant_events_total', 9],
  ])
})

test('what happens is counted by what became of it', async () => {
  const metrics = watching()
  metrics.published({ events: 5, duplicates: 2, refused: 1 })
  metrics.committed({ events: 5, bytes: 1_000, durationMs: 20 })
  metrics.attempted(attempt({}), sampleSubscription('standard'))
  metrics.attempted(attempt({ status: 503, outcome: 'waiting' }), sampleSubscription('standard'))
  metrics.attempted(attempt({ status: null, outcome: 'waiting' }), sampleSubscription('tripletex', { id: 'sub_2' }))
  metrics.requested('/v1/events', 'POST', 201, 40)
  const found = await values(metrics)
  const expected = {
    'tidings_published_events_total{outcome="appended"}': 5,
    'tidings_published_events_total{outcome="duplicate"}': 2,
    'tidings_published_events_total{outcome="refused"}': 1,
    tidings_log_commit_seconds_sum: 0.02,
    tidings_log_commit_bytes_total: 1_000,
    'tidings_attempt_seconds_sum{outcome="delivered",answer="2xx"}': 0.25,
    'tidings_attempt_seconds_count{outcome="waiting",answer="5xx"}': 1,
    'tidings_attempt_seconds_count{outcome="waiting",answer="none"}': 1,
    'tidings_delivery_attempts_total{dialect="standard",outcome="waiting"}': 1,
    'tidings_subscription_attempts_total{subscription="sub_2",outcome="waiting"}': 1,
    'tidings_http_request_seconds_sum{route="/v1/events",method="POST",status="201"}': 0.04,
  }
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, found.get(name)]))).toEqual(expected)
})

test('a subscription that is deleted is counted with the others', async () => {
  const metrics = watching()
  metrics.attempted(attempt({}), sampleSubscription('standard'))
  metrics.forgotten('sub_1')
  const found = await values(metrics)
  expect(found.get('tidings_subscription_attempts_total{subscription="other",outcome="delivered"}')).toBe(1)
})

test('every metric is told of in the operator’s guide, and no other', async () => {
  const { text } = await watching().read()
  const made = [...text.matchAll(/^# TYPE (tidings_\w+) /gm)].map(([, name]) => name)
  const guide = readFileSync(new URL('../../../../docs/operation.md', import.meta.url), 'utf8')
  const told = [...guide.matchAll(/`(tidings_[a-z_]+)(?:\{[^}]*\})?`/g)].map(([, name]) => name)
  expect([...new Set(told)].sort()).toEqual(made.sort())
})
