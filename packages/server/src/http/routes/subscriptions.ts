import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Caller } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import { member, parseJson } from '../../core/json/json.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { SubscriptionDraft } from '../../core/subscription/subscription-draft.ts'
import type { SubscriptionLookUp } from '../../registry/subscription-look-up.ts'
import type { SubscriptionFilter } from '../../registry/subscription-search.ts'
import type { Subscriptions } from '../../registry/subscriptions.ts'
import { ownerOf } from '../owner.ts'
import { tenantIn } from '../reading.ts'
import { testResult } from '../schemas/delivery.ts'
import { pageFields, pageOf } from '../schemas/page.ts'
import { createSubscription, patchSubscription, subscriptionOutput } from '../schemas/subscription.ts'
import type { SubscriptionFacts } from '../subscription-facts/subscription-facts.ts'
import type { TestDeliveries } from '../test-deliveries.ts'

export interface SubscriptionRoutesDeps {
  readonly subscriptions: Subscriptions
  readonly lookUp: Pick<SubscriptionLookUp, 'search'>
  readonly facts: Pick<SubscriptionFacts, 'shown'>
  readonly tests: TestDeliveries
}

const owners: readonly Caller['kind'][] = ['integrator', 'operator']
/** What needs no secret and takes nothing away: a portal's page looks, tries out, stops and goes on. */
const visitors: readonly Caller['kind'][] = ['integrator', 'portal', 'operator']
const tags = ['Subscriptions']
const empty = Type.Object({}, { additionalProperties: false })
const idParams = Type.Object({ id: Type.String() })
const answer = { 200: subscriptionOutput }
const anyBody = Type.Union([Type.Null(), empty])
const listQuery = Type.Object(
  {
    ...pageFields,
    search: Type.Optional(
      Type.String({
        maxLength: 500,
        description: 'A part of the id, of the URL or of the description, in whatever case.',
      }),
    ),
    status: Type.Optional(
      Type.Unsafe<NonNullable<SubscriptionFilter['status']>>({
        type: 'string',
        enum: ['active', 'failing', 'disabled'],
        description: '`failing`: active, and its endpoint accepts nothing at present.',
      }),
    ),
    dialect: Type.Optional(Type.String()),
    integration: Type.Optional(Type.String({ description: 'The id of the integration whose they are.' })),
    tenant: Type.Optional(
      Type.String({ description: 'Bound to this tenant by the credentials that made them, or asking for it by name.' }),
    ),
  },
  { additionalProperties: false },
)
type SubscriptionListQuery = Static<typeof listQuery>

export function subscriptionRoutes(app: FastifyInstance, deps: SubscriptionRoutesDeps): void {
  const { subscriptions, lookUp, facts, tests } = deps
  const shown = (subscription: Subscription) => facts.shown(subscription)
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
        ...(created.signingSecret === null ? {} : { signingSecret: created.signingSecret }),
      })
    },
  })

  app.get('/v1/subscriptions', {
    config: open,
    serializerCompiler: raw,
    schema: {
      summary: 'List subscriptions',
      description: 'By creation. A page may be short, even empty, while `next` says that there is more.',
      tags,
      querystring: listQuery,
      response: { 200: pageOf(subscriptionOutput) },
    },
    handler: async (request) => {
      const { cursor, limit = '100', tenant, ...filter } = request.query as SubscriptionListQuery
      const page = await lookUp.search(
        ownerOf(request),
        { ...filter, tenant: tenantIn(tenant) },
        { cursor, limit: Number(limit) },
      )
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
      const signingSecret = await subscriptions.rotateSecret(
        ownerOf(request),
        idOf(request),
        body.overlapSeconds ?? 86_400,
      )
      const signingPublicKey = found(request).secrets[0]?.publicKey
      return {
        ...(signingSecret === null ? {} : { signingSecret }),
        ...(signingPublicKey == null ? {} : { signingPublicKey }),
      }
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
      return tested(found(request), (request.body as Static<typeof testBody> | null)?.type)
    },
  })

  app.post('/v1/subscriptions/try', {
    config,
    serializerCompiler: raw,
    schema: {
      summary: 'Try a subscription before it is made',
      description:
        'Takes what `POST /v1/subscriptions` takes, refuses what that refuses, and sends one test delivery. Nothing is stored. The request is signed with a secret that nobody is told, unless `signingSecret` is given, so a receiver that verifies refuses it.',
      tags,
      body: createSubscription,
      response: { 200: testResult },
    },
    handler: async (request) => tested(await subscriptions.trial(ownerOf(request), draftOf(request)), undefined),
  })

  function tested(subscription: Subscription, type: string | undefined) {
    if (subscription.pendingConsent) {
      throw new AppError(
        'conflict',
        'The receiver of this subscription has not consented yet, so Tidings sends nothing to it.',
      )
    }
    return tests.test(subscription, type)
  }

  function found(request: FastifyRequest): Subscription {
    return subscriptions.get(ownerOf(request), idOf(request))
  }
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
