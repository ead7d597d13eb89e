import { Type } from 'typebox'
import { deliveryStatuses } from '../../core/delivery/delivery.ts'
import { catchUpProgress, notGranted } from './catch-up.ts'
import { nullable } from './page.ts'
import { tenantIdOutput } from './tenant-id.ts'

const time = Type.String({ format: 'date-time' })

const attemptAnswer = {
  status: nullable(Type.Integer({ description: 'The HTTP status; null when there was none.' })),
  error: nullable(
    Type.String({
      description: 'Null on success; else `http_<status>`, `connect_timeout`, `address_forbidden`, `tls_<reason>`, …',
    }),
  ),
  durationMs: Type.Number(),
  body: nullable(Type.String({ description: 'The beginning of what the receiver answered, up to 16 KiB.' })),
}

const phase = (description: string) => nullable(Type.Integer({ description }))
const timing = Type.Object(
  {
    dnsMs: phase('Looking up the name.'),
    connectMs: phase('TCP.'),
    tlsMs: phase('TLS.'),
    firstByteMs: phase('From sending the request to the first byte of the answer.'),
  },
  { title: 'AttemptTiming', description: 'Null: not needed, as on a kept connection, or not reached.' },
)

export const attempt = Type.Object(
  {
    ...{ attempt: Type.Integer({ description: 'Counted from 1.' }), at: time, ...attemptAnswer, timing },
    headers: nullable(
      Type.Array(Type.Object({ name: Type.String(), value: Type.String() }), {
        description: 'Of an answer that was not accepted, up to 32 and 4 KiB; null otherwise.',
      }),
    ),
  },
  { title: 'Attempt' },
)

export const testResult = Type.Object(attemptAnswer, {
  title: 'TestResult',
  examples: [{ status: 204, error: null, durationMs: 12, body: null }],
})

export const delivery = Type.Object(
  {
    id: Type.String({ description: 'The same on every attempt; receivers get it too.' }),
    status: Type.Union(deliveryStatuses.map((status) => Type.Literal(status))),
    subscription: nullable(Type.String()),
    event: Type.Object({
      id: nullable(Type.String({ description: 'Null when retention has removed the event.' })),
      type: Type.String(),
      tenantId: tenantIdOutput,
      entityId: Type.String(),
      offset: Type.String(),
    }),
    type: Type.String(),
    topic: Type.String(),
    offset: Type.String(),
    tenantId: tenantIdOutput,
    entityId: Type.String(),
    sequence: nullable(Type.Integer()),
    attempts: Type.Integer(),
    nextAttemptAt: nullable(time),
    lastAttempt: nullable(attempt),
  },
  { title: 'Delivery' },
)

export const subscriptionStats = Type.Object(
  {
    behind: Type.Integer({ description: 'Events of the log that it has not read yet.' }),
    behindSince: nullable(
      Type.String({ format: 'date-time', description: 'When the oldest event was appended that it is not done with.' }),
    ),
    keptUntil: nullable(
      Type.String({
        format: 'date-time',
        description: 'Then retention drops that event: what it has not read is lost to it.',
      }),
    ),
    waiting: Type.Integer(),
    failed: Type.Integer(),
    sequence: Type.Integer({ description: 'Of the newest event that it got.' }),
    breaker: Type.String({ description: '`closed`: all is well; `open`: only probes are sent; `half-open`.' }),
    inFlight: Type.Integer(),
    reading: Type.Union([Type.Literal('shared'), Type.Literal('own')], {
      description: '`own`: it catches up with the rest.',
    }),
    catchUp: nullable(catchUpProgress),
    hasGrant: Type.Boolean({ description: 'Whether any tenant grants it anything now.' }),
    notGranted: nullable(notGranted),
  },
  { title: 'SubscriptionStats' },
)

export const deliveryRequest = Type.Object(
  {
    method: Type.String(),
    url: Type.String(),
    headers: Type.Array(
      Type.Object({ name: Type.String(), value: nullable(Type.String({ description: 'Null: it is secret.' })) }),
    ),
    body: nullable(Type.String()),
  },
  { title: 'DeliveryRequest' },
)
