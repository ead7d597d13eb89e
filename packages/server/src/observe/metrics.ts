import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { DeliveryTally } from './delivery-tally.ts'

/** What is asked when metrics are read. */
export interface Gauges {
  readonly webhooks: {
    /** Events of the log that the shared reading has not settled. */
    readonly lag: number
    readonly attemptsUnderWay: number
  }
  readonly deliveries: {
    count(): Promise<{ readonly waiting: number; readonly failed: number }>
    /** By how much the delivery that waits for a retry the longest is past its time, in milliseconds. */
    overdueMs(): Promise<number>
  }
  readonly streams: { readonly count: number }
  /** Since the start. */
  readonly streamed: { stats(): { readonly deliveries: number } }
  /** Events taken for tenants that had not been created, since the start. */
  readonly unknownTenants: { readonly events: number }
}

export interface Metrics {
  published(outcome: { events: number; duplicates: number; refused: number }): void
  committed(commit: { events: number; bytes: number; durationMs: number }): void
  attempted(record: AttemptRecord, subscription: Subscription): void
  /** A subscription is deleted. */
  forgotten(subscriptionId: string): void
  requested(route: string, method: string, status: number, durationMs: number): void
  /** Shows these too, whenever metrics are read. Once. */
  watch(gauges: Gauges): void
  read(): Promise<{ contentType: string; text: string }>
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30]

/**
 * Prometheus metrics, in base units; names are documented in `docs/operation.md`.
 *
 * @param mostSubscriptions that have a label of their own
 */
export function createMetrics(mostSubscriptions: number): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const registers = [register]
  const published = new Counter({
    name: 'tidings_published_events_total',
    help: 'Events of publish requests, by what became of them',
    labelNames: ['outcome'],
    registers,
  })
  const commitSeconds = new Histogram({
    name: 'tidings_log_commit_seconds',
    help: 'How long commits of the log took',
    buckets: seconds,
    registers,
  })
  const commitBytes = new Counter({
    name: 'tidings_log_commit_bytes_total',
    help: 'Bytes written to the log',
    registers,
  })
  const attempts = new Histogram({
    name: 'tidings_attempt_seconds',
    help: 'How long webhook attempts took, by what the delivery became and the kind of answer',
    labelNames: ['outcome', 'answer'],
    buckets: seconds,
    registers,
  })
  const attemptSeconds = childrenOf(attempts)
  const counts = new DeliveryTally(mostSubscriptions)
  counts.register(register)
  const requests = new Histogram({
    name: 'tidings_http_request_seconds',
    help: 'How long HTTP requests took, by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: seconds,
    registers,
  })
  return {
    published(outcome) {
      published.inc({ outcome: 'appended' }, outcome.events)
      published.inc({ outcome: 'duplicate' }, outcome.duplicates)
      published.inc({ outcome: 'refused' }, outcome.refused)
    },
    committed(commit) {
      commitSeconds.observe(commit.durationMs / 1_000)
      commitBytes.inc(commit.bytes)
    },
    attempted(record, subscription) {
      counts.add(subscription, record.outcome)
      const answer = record.status === null ? 'none' : `${Math.floor(record.status / 100)}xx`
      attemptSeconds(record.outcome, answer).observe(record.durationMs / 1_000)
    },
    forgotten: (subscriptionId) => counts.forget(subscriptionId),
    requested(route, method, status, durationMs) {
      requests.observe({ route, method, status: String(status) }, durationMs / 1_000)
    },
    watch: (gauges) => showGauges(gauges, registers),
    async read() {
      return { contentType: register.contentType, text: await register.metrics() }
    },
  }
}

function showGauges(gauges: Gauges, registers: Registry[]): void {
  new Gauge({
    name: 'tidings_delivery_lag_events',
    help: 'Events of the log that the shared reading loop has not settled yet',
    registers,
    collect() {
      this.set(gauges.webhooks.lag)
    },
  })
  new Gauge({
    name: 'tidings_deliveries',
    help: 'Deliveries that wait for a retry, or failed',
    labelNames: ['status'],
    registers,
    async collect() {
      const { waiting, failed } = await gauges.deliveries.count()
      this.set({ status: 'waiting' }, waiting)
      this.set({ status: 'failed' }, failed)
    },
  })
  new Gauge({
    name: 'tidings_delivery_overdue_seconds',
    help: 'How long past its time the oldest retry waits, of subscriptions that are neither disabled nor failing',
    registers,
    async collect() {
      this.set((await gauges.deliveries.overdueMs()) / 1_000)
    },
  })
  new Gauge({
    name: 'tidings_stream_connections',
    help: 'Open streams',
    registers,
    collect() {
      this.set(gauges.streams.count)
    },
  })
  new Gauge({
    name: 'tidings_attempts_under_way',
    help: 'Webhook attempts under way',
    registers,
    collect() {
      this.set(gauges.webhooks.attemptsUnderWay)
    },
  })
  new Counter({
    name: 'tidings_streamed_events_total',
    help: 'Events sent on streams',
    registers,
    collect() {
      this.reset()
      this.inc(gauges.streamed.stats().deliveries)
    },
  })
  new Counter({
    name: 'tidings_unknown_tenant_events_total',
    help: 'Events published for tenants that had not been created',
    registers,
    collect() {
      this.reset()
      this.inc(gauges.unknownTenants.events)
    },
  })
}

/** A histogram's children by their labels' values: finding one by its labels takes longer than an observation. */
function childrenOf(histogram: Histogram): (...values: string[]) => Histogram.Internal<string> {
  const children = new Map<string, Histogram.Internal<string>>()
  return (...values) => {
    const key = values.join(' ')
    let child = children.get(key)
    if (!child) {
      child = histogram.labels(...values)
      children.set(key, child)
    }
    return child
  }
}
