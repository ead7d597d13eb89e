import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Catalogue } from '../../catalogue/catalogue.ts'
import { readDefinition } from '../../catalogue/definition.ts'
import { eventTypeResource } from '../../catalogue/resource.ts'
import type { Caller } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import { jsonText, jsonValue } from '../../core/json/json-text.ts'
import type { EventType } from '../../dialects/contract/catalogue.ts'
import type { EventSample } from '../../dialects/contract/event-body.ts'
import type { Registry } from '../../registry/registry.ts'
import { eventBodyView, eventSample } from '../schemas/event-search.ts'
import { eventType, eventTypeChange, eventTypeInput } from '../schemas/event-type.ts'
import { pageOf } from '../schemas/page.ts'

export interface EventTypeRoutesDeps {
  readonly registry: Registry
  readonly catalogue: () => Catalogue
  readonly dialects: ReadonlySet<string>
  readonly samples: TypeSamples
}

export interface TypeSamples {
  /** One for each dialect that can name the type. */
  samplesOf(type: EventType): readonly EventSample[]
}

const everyone: readonly Caller['kind'][] = ['operator', 'publisher', 'integrator', 'portal']
const operator: readonly Caller['kind'][] = ['operator']
const tags = ['Event types']
const typeParams = Type.Object({ type: Type.String() })

export function eventTypeRoutes(app: FastifyInstance, deps: EventTypeRoutesDeps): void {
  const { registry, catalogue } = deps
  const serializerCompiler = () => (data: unknown) => JSON.stringify(data)

  app.get('/v1/event-types', {
    config: { callers: everyone },
    serializerCompiler,
    schema: {
      summary: 'The catalogue',
      tags,
      querystring: Type.Object(
        {
          dialect: Type.Optional(Type.String({ description: 'Only types with a name in it.' })),
          cursor: Type.Optional(Type.String()),
          limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$', description: '1 to 1,000; default 1,000.' })),
        },
        { additionalProperties: false },
      ),
      response: { 200: pageOf(eventType) },
    },
    handler: async (request) => {
      const { dialect, cursor, limit } = request.query as { dialect?: string; cursor?: string; limit?: string }
      if (dialect !== undefined && !deps.dialects.has(dialect)) {
        throw new AppError('malformed_request', `There is no such dialect; there are ${[...deps.dialects].join(', ')}.`)
      }
      const count = Math.min(Math.max(Number(limit ?? 1_000), 1), 1_000)
      const rest = [...catalogue().types(dialect)].filter((type) => cursor === undefined || type.type > cursor)
      const items = rest.slice(0, count)
      return {
        items: items.map((type) => eventTypeResource(catalogue(), type)),
        next: rest.length > count ? (items.at(-1)?.type ?? null) : null,
      }
    },
  })

  app.get('/v1/event-types/:type', {
    config: { callers: everyone },
    serializerCompiler,
    schema: { summary: 'One event type', tags, params: typeParams, response: { 200: eventType } },
    handler: async (request) => {
      const type = catalogue().find((request.params as { type: string }).type)
      if (!type) throw notFound()
      return eventTypeResource(catalogue(), type)
    },
  })

  app.get('/v1/event-types/:type/samples', {
    config: { callers: everyone },
    serializerCompiler: () => (data) => jsonText(data),
    schema: {
      summary: 'Events of a type, made up, as each dialect would send them',
      description:
        "For a subscription with no settings of its own, without a signature. `event` is what one would publish for it. An operator's own schema may ask for more.",
      tags,
      params: typeParams,
      response: { 200: Type.Object({ items: Type.Array(eventSample) }) },
    },
    handler: async (request) => {
      const type = catalogue().find((request.params as { type: string }).type)
      if (!type) throw notFound()
      const samples = deps.samples.samplesOf(type)
      return { items: samples.map((sample) => ({ ...eventBodyView(sample), event: jsonValue(sample.event) })) }
    },
  })

  app.put('/v1/event-types/:type', {
    config: { callers: operator, describedBody: eventTypeChange },
    serializerCompiler,
    schema: {
      summary: 'Add or change an event type',
      tags,
      params: typeParams,
      response: { 200: eventType },
    },
    handler: async (request) => {
      const { type } = request.params as { type: string }
      return define({ ...(request.body as object), type })
    },
  })

  app.post('/v1/event-types', {
    config: { callers: operator, describedBody: eventTypeInput },
    serializerCompiler,
    schema: { summary: 'Add or change an event type', tags, response: { 201: eventType } },
    handler: async (request, reply) => reply.code(201).send(await define(request.body)),
  })

  app.delete('/v1/event-types/:type', {
    config: { callers: operator },
    schema: {
      summary: "Take back an operator's event type",
      description: 'A built-in type that it changed is as before again.',
      tags,
      params: typeParams,
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const { type } = request.params as { type: string }
      await registry.change((directory) => {
        if (!directory.eventTypes.get(type)) throw notFound()
        return { writes: [{ kind: 'eventType', id: type, value: null }], result: undefined }
      })
      return reply.code(204).send()
    },
  })

  async function define(input: unknown): Promise<unknown> {
    const read = readDefinition(input, deps.dialects)
    if (read.kind === 'invalid') {
      throw new AppError('invalid_request', 'The event type has faults.', { errors: read.errors })
    }
    const { definition } = read
    // Refuses a name that another type has.
    catalogue().with([definition])
    await registry.change(() => ({
      writes: [{ kind: 'eventType', id: definition.type, value: { type: definition.type, definition } }],
      result: undefined,
    }))
    return eventTypeResource(catalogue(), catalogue().find(definition.type)!)
  }
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no event type with this name. GET /v1/event-types lists all of them.')
}
