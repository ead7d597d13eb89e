import { type Owner, owns } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import { onlyPartition } from '../core/event/partition.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { attemptsIn, type CountName, latenciesIn, type SeriesCounts } from '../core/series/counts.ts'
import { latencyAt } from '../core/series/latency.ts'
import type { Scope } from '../core/series/scope.ts'
import { minuteMs } from '../core/series/tally.ts'
import type { Clock } from '../core/time/clock.ts'
import type { SeriesStore } from '../deliver/history/series-store.ts'
import type { LogReading } from '../log/event-log.ts'
import { badQuery } from './reading.ts'

const hourMs = 60 * minuteMs

/** How far back a series goes, and in what steps: the last one is under way. */
export const seriesRanges = {
  '1h': { steps: 60, stepMs: minuteMs },
  '24h': { steps: 24, stepMs: hourMs },
  '14d': { steps: 14 * 24, stepMs: hourMs },
} as const

export const seriesMetrics = [
  'published',
  'deliveries',
  'attempts',
  'latency_p50',
  'latency_p90',
  'latency_p99',
  'streams',
] as const
export type SeriesMetric = (typeof seriesMetrics)[number]

export interface SeriesQuestion {
  readonly metric: SeriesMetric
  readonly range: keyof typeof seriesRanges
  readonly subscription?: Subscription
  readonly dialect?: string
  readonly outcome?: 'delivered' | 'waiting' | 'failed'
  readonly error?: string
}

export interface Series {
  readonly stepSeconds: number
  readonly fromMs: number
  /** One a step. Null: there is nothing to tell, as a latency where nothing was delivered. */
  readonly points: readonly (number | null)[]
}

export interface SeriesDeps {
  readonly store: Pick<SeriesStore, 'series'>
  readonly log: Pick<LogReading, 'positionBefore'>
  readonly clock: Pick<Clock, 'now'>
  readonly subscriptions: { all(owner: Owner): Iterable<Subscription> }
}

/** Subscriptions whose counts one answer adds up, for an owner of whom nothing is counted as a whole (invariant 8). */
const mostAddedUp = 500
/** No server publishes more: positions that a restored backup left free were no events. */
const mostPerSecond = 1_000_000

/**
 * What happened when, as its owner may see it.
 * @throws AppError `malformed_request` for what has no series; `forbidden` for what only the operator may see
 */
export async function seriesOf(deps: SeriesDeps, owner: Owner, question: SeriesQuestion): Promise<Series> {
  const { metric, range } = question
  checkFilters(question)
  const { steps, stepMs } = seriesRanges[range]
  const fromMs = (Math.floor(deps.clock.now() / stepMs) - steps + 1) * stepMs
  const span = { fromMs, steps, stepMs }
  if (metric === 'published') return { ...headOf(span), points: await published(deps, owner, span) }
  const counts = await deps.store.series({ scopes: scopesFor(deps, owner, question), ...span })
  return { ...headOf(span), points: counts.map((each) => pointOf(each, question)) }
}

interface Steps {
  readonly fromMs: number
  readonly steps: number
  readonly stepMs: number
}

/** Subscriptions whose health one answer tells. */
export const mostHealths = 100

/** How the deliveries of a subscription fared in the last hour. */
export interface SubscriptionHealth {
  readonly subscription: string
  readonly delivered: number
  /** Attempts after which a delivery waits for the next one. */
  readonly waiting: number
  readonly failed: number
}

/** Of the last hour, each. */
export function healthOf(
  { store, clock }: Pick<SeriesDeps, 'store' | 'clock'>,
  subscriptions: readonly Subscription[],
): Promise<SubscriptionHealth[]> {
  const { steps, stepMs } = seriesRanges['1h']
  const fromMs = (Math.floor(clock.now() / stepMs) - steps + 1) * stepMs
  return Promise.all(
    subscriptions.map(async ({ id, number }) => {
      const whole = { delivered: 0, waiting: 0, failed: 0 }
      for (const counts of await store.series({ scopes: [`subscription ${number}`], fromMs, steps, stepMs })) {
        for (const outcome of ['delivered', 'waiting', 'failed'] as const) whole[outcome] += counts[outcome] ?? 0
      }
      return { subscription: id, ...whole }
    }),
  )
}

function headOf({ fromMs, stepMs }: Steps) {
  return { stepSeconds: stepMs / 1_000, fromMs }
}

function checkFilters({ metric, subscription, dialect, outcome, error }: SeriesQuestion): void {
  if (outcome !== undefined && metric !== 'deliveries')
    throw badQuery('outcome', 'An outcome goes with the metric `deliveries` alone. Leave it out.')
  if (error !== undefined && metric !== 'attempts')
    throw badQuery('error', 'An error goes with the metric `attempts` alone. Leave it out.')
  if (subscription !== undefined && dialect !== undefined)
    throw badQuery('dialect', 'A subscription has one dialect. Ask for one of the two.')
  const isOfAll = metric === 'published' || metric === 'streams'
  if (isOfAll && (subscription !== undefined || dialect !== undefined))
    throw badQuery('metric', `\`${metric}\` is counted for all alone. Leave out \`subscription\` and \`dialect\`.`)
}

/** By positions, which the log gives to events one by one. */
async function published({ log }: SeriesDeps, owner: Owner, { fromMs, steps, stepMs }: Steps) {
  if (owner.kind !== 'operator')
    throw new AppError('forbidden', 'How much is published is for the operator. Ask for `deliveries`.')
  const ends = Array.from({ length: steps + 1 }, (_, step) => fromMs + step * stepMs)
  const positions = await Promise.all(ends.map((endMs) => log.positionBefore(onlyPartition, endMs)))
  return positions.slice(1).map((position, step) => {
    const events = position - positions[step]!
    return events > (mostPerSecond * stepMs) / 1_000 ? null : events
  })
}

function scopesFor({ subscriptions }: SeriesDeps, owner: Owner, question: SeriesQuestion): readonly Scope[] {
  const { metric, subscription, dialect } = question
  if (subscription) return [`subscription ${subscription.number}`]
  if (owner.kind === 'operator') return [dialect === undefined ? 'all' : `dialect ${dialect}`]
  const isWhole = owner.tenantId === null && owner.token === null
  if (isWhole && dialect === undefined) return [`integration ${owner.integrationId}`]
  if (metric === 'streams')
    throw new AppError('forbidden', 'Streams are told to the operator, and to an integration by its own credentials.')
  const own = [...subscriptions.all(owner)].filter(
    (each) => owns(owner, each) && (dialect === undefined || each.dialect === dialect),
  )
  if (own.length > mostAddedUp)
    throw badQuery('subscription', `These are more than ${mostAddedUp} subscriptions. Ask for one of them.`)
  return own.map(({ number }): Scope => `subscription ${number}`)
}

function pointOf(counts: SeriesCounts, { metric, outcome, error }: SeriesQuestion): number | null {
  switch (metric) {
    case 'deliveries':
      return outcome === undefined ? (counts.delivered ?? 0) + (counts.failed ?? 0) : (counts[outcome] ?? 0)
    case 'attempts':
      return error === undefined ? attemptsIn(counts) : (counts[`error ${error}` as CountName] ?? 0)
    case 'latency_p50':
    case 'latency_p90':
    case 'latency_p99':
      return latencyAt(latenciesIn(counts), Number(metric.slice('latency_p'.length)) / 100)
    case 'streams':
      return counts.samples ? Math.round((counts.streams ?? 0) / counts.samples) : 0
    case 'published':
      return null
    default:
      return metric satisfies never
  }
}
