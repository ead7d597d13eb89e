import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Caller } from '../../core/credential/caller.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import type { SubscriptionLookUp } from '../../registry/subscription-look-up.ts'
import { ownerOf } from '../owner.ts'
import { badQuery } from '../reading.ts'
import { nullable } from '../schemas/page.ts'
import {
  healthOf,
  mostHealths,
  type SeriesDeps,
  type SeriesMetric,
  type SeriesQuestion,
  seriesMetrics,
  seriesOf,
  seriesRanges,
} from '../series.ts'

const callers: readonly Caller['kind'][] = ['integrator', 'portal', 'operator']
const oneOf = (values: readonly string[], description: string) =>
  Type.Unsafe<string>({ type: 'string', enum: [...values], description })

const query = Type.Object(
  {
    metric: oneOf(
      seriesMetrics,
      '`published`: events, for the operator alone. `deliveries`: those that ended, or by `outcome`. `attempts`: all, or by `error`. `latency_p…`: milliseconds from publishing until the receiver had accepted, of deliveries that were accepted at the first attempt and not read later from the log; within a tenth. `streams`: how many were open.',
    ),
    range: Type.Optional(
      oneOf(
        Object.keys(seriesRanges),
        '`1h` (default) by minute, `24h` and `14d` by hour. The last step is under way.',
      ),
    ),
    subscription: Type.Optional(Type.String({ description: 'Of this one alone.' })),
    dialect: Type.Optional(Type.String({ description: 'Of subscriptions of this dialect alone.' })),
    outcome: Type.Optional(
      oneOf(['delivered', 'waiting', 'failed'], '`waiting`: attempts after which a delivery waits for the next one.'),
    ),
    error: Type.Optional(Type.String({ description: 'As in attempts, for example `http_500`.' })),
  },
  { additionalProperties: false },
)

const series = Type.Object(
  {
    stepSeconds: Type.Integer(),
    from: Type.String({ format: 'date-time', description: 'Where the first step begins.' }),
    points: Type.Array(nullable(Type.Number()), {
      description: 'One a step. Null: there is nothing to tell, as a latency where nothing was delivered.',
    }),
  },
  { title: 'Series' },
)

const healthQuery = Type.Object(
  {
    subscriptions: Type.String({
      minLength: 1,
      description: `Their ids, separated by commas; at most ${mostHealths}.`,
    }),
  },
  { additionalProperties: false },
)
const health = Type.Object(
  {
    subscription: Type.String(),
    delivered: Type.Integer(),
    waiting: Type.Integer({ description: 'Attempts after which a delivery waits for the next one.' }),
    failed: Type.Integer(),
  },
  { title: 'Health' },
)

interface Asked extends Omit<SeriesQuestion, 'range' | 'subscription'> {
  readonly metric: SeriesMetric
  readonly range?: SeriesQuestion['range']
  readonly subscription?: string
}

/** What happened when, in numbers: for charts. */
export function seriesRoutes(
  app: FastifyInstance,
  deps: SeriesDeps & { readonly subscriptions: SubscriptionLookUp },
): void {
  app.get('/v1/series', {
    config: { callers, refusals: ['not_found'] },
    schema: {
      summary: 'What happened when, in numbers',
      description:
        'Counted with the settlements of deliveries, so after a crash as well. Minutes are told apart for two hours, hours for 14 days.',
      tags: ['Deliveries'],
      querystring: query,
      response: { 200: series },
    },
    handler: async (request) => {
      const owner = ownerOf(request)
      const { subscription: id, range = '1h', ...rest } = request.query as Asked
      const subscription = id === undefined ? {} : { subscription: deps.subscriptions.get(owner, id) }
      const { stepSeconds, fromMs, points } = await seriesOf(deps, owner, { ...rest, range, ...subscription })
      return { stepSeconds, from: formatRfc3339(fromMs), points }
    },
  })

  app.get('/v1/series/health', {
    config: { callers, refusals: ['not_found'] },
    schema: {
      summary: 'How deliveries of subscriptions fared in the last hour',
      tags: ['Deliveries'],
      querystring: healthQuery,
      response: { 200: Type.Object({ items: Type.Array(health) }) },
    },
    handler: async (request) => {
      const owner = ownerOf(request)
      const ids = (request.query as Static<typeof healthQuery>).subscriptions.split(',')
      if (ids.length > mostHealths) throw badQuery('subscriptions', `Name at most ${mostHealths} subscriptions.`)
      return {
        items: await healthOf(
          deps,
          ids.map((id) => deps.subscriptions.get(owner, id)),
        ),
      }
    },
  })
}
