import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Caller, Owner } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { StartDraft } from '../../core/subscription/subscription-draft.ts'
import type { SubscriptionReading } from '../../registry/subscription-reading.ts'
import type { Subscriptions } from '../../registry/subscriptions.ts'
import { ownerOf } from '../owner.ts'
import { missed, notGranted } from '../schemas/catch-up.ts'
import { subscriptionStats } from '../schemas/delivery.ts'
import { startSchema, subscriptionOutput } from '../schemas/subscription.ts'
import type { SubscriptionFacts } from '../subscription-facts/subscription-facts.ts'

export interface SubscriptionReadingRoutesDeps {
  readonly subscriptions: Pick<Subscriptions, 'get' | 'reading'>
  readonly facts: SubscriptionFacts
}

const owners: readonly Caller['kind'][] = ['integrator', 'operator']
const visitors: readonly Caller['kind'][] = ['integrator', 'portal', 'operator']
const tags = ['Subscriptions']
const idParams = Type.Object({ id: Type.String() })
const noBody = Type.Optional(Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })]))

/** How far a subscription has read, what it missed, and where it reads on. */
export function subscriptionReadingRoutes(app: FastifyInstance, deps: SubscriptionReadingRoutesDeps): void {
  const { subscriptions, facts } = deps
  const config = { callers: owners }
  const open = { callers: visitors }
  const raw = () => (data: unknown) => jsonText(data)

  const rewindBody = Type.Object({ to: startSchema }, { additionalProperties: false })
  app.post('/v1/subscriptions/:id/rewind', {
    config,
    serializerCompiler: raw,
    schema: {
      summary: 'Deliver again from a position',
      tags,
      params: idParams,
      body: rewindBody,
      response: {
        202: Type.Object({
          behind: Type.Integer({ description: 'Events of the log to read until it has caught up.' }),
          notGranted: Type.Optional(notGranted),
        }),
      },
    },
    handler: async (request, reply) => {
      const { to } = request.body as { to: StartDraft }
      if (to === 'now') {
        throw new AppError(
          'invalid_request',
          'A rewind can only go back. To skip events instead, disable the subscription and enable it from now.',
          {
            errors: [{ pointer: '/to', code: 'invalid', detail: '`now` is no place to go back to.' }],
          },
        )
      }
      const owner = ownerOf(request)
      const position = await subscriptions.reading.rewind(owner, idOf(request), to)
      const withheld = owner.kind === 'operator' ? await facts.notGrantedAfter(found(request), position) : null
      return reply
        .code(202)
        .send({ behind: facts.eventsAfter(position), ...(withheld ? { notGranted: withheld } : {}) })
    },
  })

  app.get('/v1/subscriptions/:id/stats', {
    config: open,
    serializerCompiler: raw,
    schema: {
      summary: 'How a subscription is doing',
      tags,
      params: idParams,
      response: { 200: subscriptionStats },
    },
    handler: async (request) => facts.stats(found(request), ownerOf(request).kind),
  })

  app.get('/v1/subscriptions/:id/missed', {
    config,
    serializerCompiler: raw,
    schema: {
      summary: 'What a subscription missed',
      description:
        'Everything that it was due and has not had: deliveries that wait, failed or were superseded, and what was left out by a cancelled catch-up, an enabling from now or from a time, or retention. Quiet events are due to nobody. Records go back as far as the retention.',
      tags,
      params: idParams,
      response: { 200: missed },
    },
    handler: async (request) => facts.missed(found(request), ownerOf(request).kind),
  })

  for (const { action, summary, description, apply } of catchUpActions(subscriptions.reading)) {
    app.post(`/v1/subscriptions/:id/catch-up/${action}`, {
      config: { ...config, refusals: ['subscription_disabled'] },
      serializerCompiler: raw,
      schema: {
        ...{ summary, description, tags, params: idParams },
        body: noBody,
        response: { 200: subscriptionOutput },
      },
      handler: async (request) => facts.shown(await apply(ownerOf(request), idOf(request))),
    })
  }

  function found(request: FastifyRequest): Subscription {
    return subscriptions.get(ownerOf(request), idOf(request))
  }
}

function catchUpActions(reading: SubscriptionReading) {
  return [
    {
      action: 'pause',
      summary: 'Pause a catch-up',
      description:
        'Nothing more is read for it until it is resumed; what waits for a retry goes on. Nothing is lost: what comes meanwhile is read afterwards, as long as the retention holds. One that keeps up falls behind from then on. Enabling and rewinding begin a new catch-up, which is not paused.',
      apply: (owner: Owner, id: string) => reading.pauseCatchUp(owner, id),
    },
    {
      action: 'resume',
      summary: 'Resume a catch-up',
      description: 'It goes on where it was paused.',
      apply: (owner: Owner, id: string) => reading.resumeCatchUp(owner, id),
    },
    {
      action: 'cancel',
      summary: 'Cancel a catch-up',
      description:
        'What it is behind with is left out, and it goes on with what comes from now; of one that keeps up, nothing is left out. `…/missed` tells what was left out, and how to bring it back.',
      apply: (owner: Owner, id: string) => reading.cancelCatchUp(owner, id),
    },
  ]
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id
}
