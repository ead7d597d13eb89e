import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../../core/errors.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import { tenantIdInput } from '../schemas/tenant-id.ts'

export interface EmulatedEvents {
  fire(request: { readonly event: string; readonly tenantId: TenantId; readonly entityId?: string }): Promise<Fired>
}

export interface EmulatedTime {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves when everything that falls due until then has happened. */
  forward(byMs: number): Promise<void>
}

export interface EmulatorRoutesDeps {
  readonly events: EmulatedEvents
  readonly time: EmulatedTime
  /** The tenant whose events are raised when the request names none; undefined: there is none. */
  readonly defaultTenantId: () => TenantId | undefined
}

interface Fired {
  readonly id: string
  readonly topic: string
  readonly offset: string
  readonly type: string
  readonly name: string
  /** The event as it was published, JSON text. */
  readonly text: string
}

const tags = ['Emulator']
const closed = { additionalProperties: false }
const callers = ['operator' as const, 'publisher' as const]
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const maxForwardMs = 366 * 86_400_000

const fireBody = Type.Object(
  {
    event: Type.String({ minLength: 1, maxLength: 255 }),
    tenantId: Type.Optional(tenantIdInput),
    entityId: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  },
  closed,
)
const clockBody = Type.Object({ forward: Type.String({ pattern: '^[0-9]{1,7}[smhd]$' }) }, closed)
const clockAnswer = { 200: Type.Object({ now: Type.String() }) }

/** The emulator's own routes; only `tidings emulate` has them. */
export function emulatorRoutes(app: FastifyInstance, deps: EmulatorRoutesDeps): void {
  let moving: Promise<void> = Promise.resolve()

  app.post('/v1/emulator/fire', {
    config: { callers },
    schema: { summary: 'Raise an event with a sample of its entity', tags, body: fireBody },
    serializerCompiler: () => (data) => (typeof data === 'string' ? data : JSON.stringify(data)),
    handler: async (request, reply) => {
      const { tenantId = deps.defaultTenantId(), ...body } = request.body as {
        event: string
        tenantId?: TenantId
        entityId?: string
      }
      if (tenantId === undefined)
        throw new AppError('invalid_request', 'There is no tenant to raise the event for. Create one first.')
      const { text, ...fired } = await deps.events.fire({ ...body, tenantId })
      // The event's own text, so that no digit of it is lost.
      return reply.code(201).send(`${JSON.stringify(fired).slice(0, -1)},"event":${text}}`)
    },
  })

  app.get('/v1/emulator/clock', {
    config: { callers },
    schema: { summary: "The emulator's time", tags, response: clockAnswer },
    handler: async () => ({ now: formatRfc3339(deps.time.now()) }),
  })

  app.post('/v1/emulator/clock', {
    config: { callers },
    schema: { summary: 'Move time forward, as `2h`, `90m` or `8d`', tags, body: clockBody, response: clockAnswer },
    handler: async (request) => {
      const { forward } = request.body as { forward: string }
      const byMs = Number(forward.slice(0, -1)) * unitMs[forward.at(-1)!]!
      if (byMs > maxForwardMs) throw new AppError('invalid_request', 'Time can be moved by at most 366 days at once.')
      // One after the other: two that look for quiet at once would disturb each other.
      moving = moving.then(
        () => deps.time.forward(byMs),
        () => deps.time.forward(byMs),
      )
      await moving
      return { now: formatRfc3339(deps.time.now()) }
    },
  })
}
