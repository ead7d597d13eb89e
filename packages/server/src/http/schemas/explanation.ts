import { Type } from 'typebox'
import { reasons } from '../../explain/reason.ts'
import { delivery } from './delivery.ts'
import { eventOutput } from './event.ts'
import { nullable } from './page.ts'
import { tenantIdOutput } from './tenant-id.ts'

const step = <Action extends string, Rest extends Record<string, ReturnType<typeof Type.String>>>(
  action: Action,
  rest: Rest,
) => Type.Object({ action: Type.Literal(action), ...rest })

const mend = Type.Union(
  [
    step('resend', { delivery: Type.String() }),
    step('enable', { subscription: Type.String() }),
    step('resume', { subscription: Type.String() }),
    Type.Object({
      action: Type.Literal('rewind'),
      subscription: Type.String(),
      to: Type.Object({ time: Type.String({ format: 'date-time' }) }),
    }),
    Type.Object({ action: Type.Literal('grant'), integrationId: Type.String(), tenantId: tenantIdOutput }),
    Type.Object({
      action: Type.Literal('change'),
      subscription: Type.String(),
      change: Type.Object({
        types: Type.Optional(Type.Array(Type.String())),
        tenants: Type.Optional(Type.Array(tenantIdOutput)),
        filter: Type.Optional(Type.Null()),
      }),
    }),
  ],
  { title: 'Mend' },
)

export const explanation = Type.Object(
  {
    subscription: Type.String(),
    event: Type.String({ description: "The event's id; of one that is gone, what it was asked for by." }),
    due: Type.Boolean({ description: 'The event belongs to the subscription by all that it asks for and is granted.' }),
    reason: Type.Union(reasons.map((reason) => Type.Literal(reason))),
    detail: Type.String({ description: 'What the reason does not say yet, in words.' }),
    delivery: nullable(Type.String({ description: 'The id of the delivery, where there is one.' })),
    mend: Type.Array(mend, {
      description:
        'The steps that bring the event to the receiver, in order. Empty: nothing has to be done, or nothing can be.',
    }),
  },
  { title: 'Explanation' },
)

export const eventWithDeliveries = Type.Intersect(
  [
    eventOutput,
    Type.Object({
      deliveries: Type.Array(delivery, {
        description:
          'At most 100 of them: those of the subscriptions that the caller may see. `GET /v1/deliveries?event=` lists all.',
      }),
    }),
  ],
  { title: 'EventWithDeliveries' },
)
