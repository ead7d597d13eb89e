import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { AppError } from '../../core/errors.ts'
import { member, parseJson } from '../../core/json.ts'
import { jsonText } from '../../core/json-text.ts'
import type { Subscription } from '../../core/registry.ts'
import { type Caller, type Owner, ownerFor } from '../../registry/caller.ts'
import type { StartDraft, SubscriptionDraft } from '../../registry/subscription-draft.ts'
import type { SubscriptionReading } from '../../registry/subscription-reading.ts'
import { subscriptionView } from '../../registry/subscription-view.ts'
import type { Subscriptions } from '../../registry/subscriptions.ts'
import { missed } from '../schemas/catch-up.ts'
import { subscriptionStats, testResult } from '../schemas/delivery.ts'
import { pageOf } from '../schemas/page.ts'
import { createSubscription, patchSubscription, startSchema, subscriptionOutput } from '../schemas/subscription.ts'
import type { CatchUpFacts, Missed, SubscriptionStats } from './subscription-facts.ts'

/** What a test delivery came back with. */
export interface TestResult {
  readonly status: number | null
  readonly error: string | null
  readonly durationMs: number
  readonly body: string | null
}

export interface SubscriptionRoutesDeps {
  readonly subscriptions: Subscriptions
  /** All, by creation. */
  readonly page: (
    owner: Owner,
    query: { readonly cursor: string | undefined; readonly limit: number },
  ) => { readonly items: readonly Subscription[]; readonly next: string | null }
  readonly behind: (subscription: Subscription) => number
  readonly catchUp: (subscription: Subscription) => CatchUpFacts | null
  /** Events of the log after a position. */
  readonly eventsAfter: (position: number) => number
  readonly stats: (subscription: Subscription) => Promise<SubscriptionStats>
  readonly missed: (subscription: Subscription) => Promise<Missed>
  readonly test: (subscription: Subscription, type: string | undefined) => Promise<TestResult>
}

const owners: readonly Caller['kind'][] = ['integrator', 'operator']
/** What needs no secret and takes nothing away: a portal's page looks, tries out, stops and goes on. */
const visitors: readonly Caller['kind'][] = ['integrator', 'portal', 'operator']
const tags = ['Subscriptions']
const empty = Type.Object({}, { additionalProperties: false })
const idParams = Type.Object({ id: Type.String() })
const answer = { 200: subscriptionOutput }
const anyBody = Type.Union([Type.Null(), empty])

export function subscriptionRoutes(app: FastifyInstance, deps: SubscriptionRoutesDeps): void {
  const { subscriptions } = deps
  const shown = (subscription: Subscription) => ({
    ...subscriptionView(subscription),
    behind: deps.behind(subscription),
    catchUp: deps.catchUp(subscription),
  })
  const config = { callers: owners }
  const open = { callers: visitors }
  const raw = () => (data: unknown) => jsonText(data)

  app.post('/v1/subscriptions', {
    config,
    serializerCompiler: raw,
    schema: { summary: 'Subscribe', tags, body: createSubscription, response: { 201: subscriptionOutput } },
    handler: async (request, reply) => {
      const created = await subscriptions.create(ownerOf(request), draftOf(request))
      return reply.code(201).send({
        ...shown(created.subscription),
        ...(created.signingSecret === null || created.signingSecret.startsWith('whsk_')
          ? {}
          : { signingSecret: created.signingSecret }),
      })
    },
  })

  app.get('/v1/subscriptions', {
    config: open,
    serializerCompiler: raw,
    schema: {
      summary: 'List subscriptions',
      tags,
      querystring: Type.Object(
        {
          cursor: Type.Optional(Type.String()),
          limit: Type.Optional(
            Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500; default 100.' }),
          ),
        },
        { additionalProperties: false },
      ),
      response: {
        200: pageOf(subscriptionOutput),
      },
    },
    handler: async (request) => {
      const { cursor, limit } = request.query as { cursor?: string; limit?: string }
      const page = deps.page(ownerOf(request), { cursor, limit: Number(limit ?? 100) })
      return { items: page.items.map(shown), next: page.next }
    },
  })

  app.get('/v1/subscriptions/:id', {
    config: open,
    serializerCompiler: raw,
    schema: { summary: 'Read a subscription', tags, params: idParams, response: answer },
    handler: async (request) => shown(found(request)),
  })

  app.patch('/v1/subscriptions/:id', {
    config,
    serializerCompiler: raw,
    schema: { summary: 'Change a subscription', tags, params: idParams, body: patchSubscription, response: answer },
    handler: async (request) => shown(await subscriptions.change(ownerOf(request), idOf(request), draftOf(request))),
  })

  app.delete('/v1/subscriptions/:id', {
    config,
    schema: { summary: 'Delete a subscription', tags, params: idParams, response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      await subscriptions.remove(ownerOf(request), idOf(request))
      return reply.code(204).send()
    },
  })

  app.post('/v1/subscriptions/:id/disable', {
    config: open,
    serializerCompiler: raw,
    schema: { summary: 'Disable', tags, params: idParams, body: Type.Optional(anyBody), response: answer },
    handler: async (request) => shown(await subscriptions.disable(ownerOf(request), idOf(request))),
  })

  const enableBody = Type.Object(
    {
      from: Type.Optional(
        Type.Union([
          Type.Literal('stopped'),
          Type.Literal('now'),
          Type.Object({ time: Type.String() }, { additionalProperties: false }),
        ]),
      ),
    },
    { additionalProperties: false },
  )
  app.post('/v1/subscriptions/:id/enable', {
    config: open,
    serializerCompiler: raw,
    schema: {
      summary: 'Enable again',
      tags,
      params: idParams,
      body: Type.Optional(Type.Union([enableBody, Type.Null()])),
      response: answer,
    },
    handler: async (request) => {
      const body = (request.body ?? {}) as Static<typeof enableBody>
      return shown(await subscriptions.enable(ownerOf(request), idOf(request), body.from ?? 'stopped'))
    },
  })

  const rewindBody = Type.Object({ to: startSchema }, { additionalProperties: false })
  app.post('/v1/subscriptions/:id/rewind', {
    config,
    schema: {
      summary: 'Deliver again from a position',
      tags,
      params: idParams,
      body: rewindBody,
      response: {
        202: Type.Object({
          behind: Type.Integer({ description: 'Events of the log to read until it has caught up.' }),
        }),
      },
    },
    handler: async (request, reply) => {
      const { to } = request.body as { to: StartDraft }
      if (to === 'now') {
        throw new AppError('invalid_request', 'A rewind goes back; to leave events out, disable and enable from now.', {
          errors: [{ pointer: '/to', code: 'invalid', detail: '`now` is no place to go back to.' }],
        })
      }
      const position = await subscriptions.reading.rewind(ownerOf(request), idOf(request), to)
      return reply.code(202).send({ behind: deps.eventsAfter(position) })
    },
  })

  const rotateBody = Type.Object(
    { overlapSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_592_000, description: 'Default 86,400.' })) },
    { additionalProperties: false },
  )
  app.post('/v1/subscriptions/:id/rotate-secret', {
    config,
    serializerCompiler: raw,
    schema: {
      summary: 'Rotate the signing secret',
      tags,
      params: idParams,
      body: Type.Optional(Type.Union([rotateBody, Type.Null()])),
      response: {
        200: Type.Object({
          signingSecret: Type.Optional(Type.String()),
          signingPublicKey: Type.Optional(Type.String()),
        }),
      },
    },
    handler: async (request) => {
      const body = (request.body ?? {}) as Static<typeof rotateBody>
      const shownSecret = await subscriptions.rotateSecret(
        ownerOf(request),
        idOf(request),
        body.overlapSeconds ?? 86_400,
      )
      const publicKey = found(request).secrets[0]?.publicKey
      return publicKey ? { signingPublicKey: publicKey } : { signingSecret: shownSecret }
    },
  })

  const testBody = Type.Object(
    { type: Type.Optional(Type.String({ maxLength: 255 })) },
    { additionalProperties: false },
  )
  app.post('/v1/subscriptions/:id/test', {
    config: open,
    serializerCompiler: raw,
    schema: {
      summary: 'Send a test delivery',
      tags,
      params: idParams,
      body: Type.Optional(Type.Union([testBody, Type.Null()])),
      response: { 200: testResult },
    },
    handler: async (request) => {
      const subscription = found(request)
      if (subscription.pendingConsent) {
        throw new AppError('conflict', 'Its receiver has not consented yet, so nothing is sent to it.')
      }
      return deps.test(subscription, (request.body as Static<typeof testBody> | null)?.type)
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
    handler: async (request) => deps.stats(found(request)),
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
    handler: async (request) => deps.missed(found(request)),
  })

  for (const { action, summary, description, apply } of catchUpActions(subscriptions.reading)) {
    app.post(`/v1/subscriptions/:id/catch-up/${action}`, {
      config: { ...config, refusals: ['subscription_disabled'] },
      serializerCompiler: raw,
      schema: {
        ...{ summary, description, tags, params: idParams },
        body: Type.Optional(anyBody),
        response: answer,
      },
      handler: async (request) => shown(await apply(ownerOf(request), idOf(request))),
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

export function ownerOf(request: FastifyRequest): Owner {
  const owner = ownerFor(request.caller)
  if (!owner) throw new AppError('forbidden', 'This is for integrations and the operator.')
  return owner
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id
}

/** The filter is taken from the text, because its numbers keep every digit there. */
function draftOf(request: FastifyRequest): SubscriptionDraft {
  const body = request.body as SubscriptionDraft & { filter?: unknown }
  if (body.filter === undefined || body.filter === null) return body as SubscriptionDraft
  const parsed = parseJson(request.bodyText ?? '{}')
  const filter = parsed.ok ? member(parsed.node, 'filter') : undefined
  return { ...body, filter: filter?.text ?? null }
}
