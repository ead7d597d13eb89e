import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Caller } from '../../core/credential/caller.ts'
import { jsonText } from '../../core/json/json-text.ts'
import { type OverviewDeps, standingOf } from '../overview.ts'
import { ownerOf } from '../owner.ts'
import { nullable } from '../schemas/page.ts'
import { subscriptionOutput } from '../schemas/subscription.ts'
import type { SubscriptionFacts } from '../subscription-facts/subscription-facts.ts'

export interface OverviewRoutesDeps extends OverviewDeps {
  readonly facts: Pick<SubscriptionFacts, 'shown'>
  /** Events of the log that have not been read for webhooks yet. */
  readonly behind: () => number
  /** Streams that are open. */
  readonly streams: () => number
}

const callers: readonly Caller['kind'][] = ['integrator', 'portal', 'operator']
const ofOperator = 'Null: it is told to the operator alone.'

const overview = Type.Object(
  {
    subscriptions: Type.Object({
      total: Type.Integer(),
      failing: Type.Integer(),
      disabled: Type.Integer(),
      withoutGrant: Type.Integer(),
    }),
    deliveries: Type.Object({
      waiting: Type.Integer(),
      failed: Type.Integer(),
      isExact: Type.Boolean({ description: 'False: there are more than were counted.' }),
    }),
    behind: nullable(Type.Integer({ description: `Events of the log that have not been read yet. ${ofOperator}` })),
    streams: nullable(Type.Integer({ description: `Streams that are open. ${ofOperator}` })),
    attention: Type.Object({
      total: Type.Integer({ description: 'Subscriptions that somebody should look at.' }),
      items: Type.Array(
        Type.Object({
          subscription: subscriptionOutput,
          reasons: Type.Array(
            Type.Unsafe<string>({ type: 'string', enum: ['failing', 'disabled', 'undelivered', 'no_grant', 'paused'] }),
          ),
          waiting: Type.Integer({ description: 'Counted up to 10,000.' }),
          failed: Type.Integer({ description: 'Counted up to 10,000.' }),
          error: nullable(Type.String({ description: 'Why the newest of them was not accepted, as `http_500`.' })),
        }),
        { description: 'Those that are worst off, first; at most 50.' },
      ),
    }),
  },
  { title: 'Overview' },
)

/** Is anything wrong? */
export function overviewRoutes(app: FastifyInstance, deps: OverviewRoutesDeps): void {
  app.get('/v1/overview', {
    config: { callers },
    serializerCompiler: () => (data) => jsonText(data),
    schema: {
      summary: 'Is anything wrong?',
      description: 'How the subscriptions fare, all together, and which of them somebody should look at.',
      tags: ['Subscriptions'],
      response: { 200: overview },
    },
    handler: async (request) => {
      const owner = ownerOf(request)
      const { attention, ...standing } = await standingOf(deps, owner)
      const isOperator = owner.kind === 'operator'
      return {
        ...standing,
        behind: isOperator ? deps.behind() : null,
        streams: isOperator ? deps.streams() : null,
        attention: {
          total: attention.total,
          items: attention.items.map(({ subscription, ...rest }) => ({
            subscription: deps.facts.shown(subscription),
            ...rest,
          })),
        },
      }
    },
  })
}
