import { Type } from 'typebox'
import type { EventBody } from '../../dialects/contract/event-body.ts'
import { eventInput, eventOutput } from './event.ts'
import { nullable, pageOf } from './page.ts'
import { tenantIdInput } from './tenant-id.ts'

export const listedEvents = pageOf(eventOutput)

export const filterTrialInput = Type.Object(
  {
    types: Type.Optional(Type.Array(Type.String(), { maxItems: 500 })),
    tenants: Type.Optional(Type.Array(tenantIdInput, { maxItems: 10_000 })),
    filter: Type.Optional(Type.Unknown({ description: 'A JSON match on event fields, as in subscriptions.' })),
    limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, description: 'Events shown; default 20.' })),
  },
  { additionalProperties: false, title: 'FilterTrialInput', examples: [{ types: ['invoice.*'], filter: {} }] },
)

export const filterTrial = Type.Object(
  {
    tried: Type.Integer(),
    matched: Type.Integer(),
    items: Type.Array(Type.Object({ matches: Type.Boolean(), event: eventOutput })),
  },
  { title: 'FilterTrial' },
)

export const eventBody = Type.Object(
  {
    dialect: Type.String(),
    name: Type.String({ description: "The type's name in the dialect." }),
    headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
    body: nullable(Type.String()),
  },
  { title: 'EventBody' },
)

export const eventSample = Type.Object({ ...eventBody.properties, event: eventInput }, { title: 'EventSample' })

export function eventBodyView({ dialect, name, headers, body }: EventBody) {
  return { dialect, name, headers: headers.map(([header, value]) => ({ name: header, value })), body }
}
