import { Type } from 'typebox'
import { catchUp } from './catch-up.ts'
import { nullable } from './page.ts'
import { tenantIdInput, tenantIdOutput } from './tenant-id.ts'

const closed = { additionalProperties: false }
const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength })

export const startSchema = Type.Union(
  [
    Type.Literal('now'),
    Type.Literal('earliest'),
    Type.Object({ time: Type.String({ description: 'Of appending; RFC 3339.' }) }, closed),
    Type.Object(
      { offsets: Type.Record(Type.String(), Type.String(), { description: 'Topic to offset, exclusive.' }) },
      closed,
    ),
  ],
  { title: 'Start' },
)

const endpoint = Type.Object(
  {
    url: Type.Optional(text(2_048, 1)),
    headers: Type.Optional(nullable(Type.Record(Type.String(), Type.Unknown()))),
    auth: Type.Optional(
      nullable(
        Type.Union([
          Type.Object({ type: Type.Literal('basic'), username: text(255), password: text(1_024) }, closed),
          Type.Object({ type: Type.Literal('bearer'), token: text(4_096, 1) }, closed),
          Type.Object(
            {
              type: Type.Literal('oauth2'),
              tokenUrl: text(2_048, 1),
              clientId: text(1_024, 1),
              clientSecret: text(4_096, 1),
              scope: Type.Optional(nullable(text(1_024))),
            },
            closed,
          ),
        ]),
      ),
    ),
    tls: Type.Optional(
      nullable(
        Type.Object(
          {
            certificate: Type.Optional(text(65_536)),
            key: Type.Optional(text(65_536)),
            ca: Type.Optional(text(262_144)),
          },
          closed,
        ),
      ),
    ),
    timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 })),
  },
  closed,
)

const changeable = {
  types: Type.Optional(Type.Array(text(255, 1), { minItems: 1, maxItems: 500 })),
  tenants: Type.Optional(
    Type.Union([
      Type.Literal('granted'),
      Type.Object({ subtree: tenantIdInput }, closed),
      Type.Array(tenantIdInput, { minItems: 1, maxItems: 10_000 }),
    ]),
  ),
  filter: Type.Optional(nullable(Type.Record(Type.String(), Type.Unknown()))),
  fields: Type.Optional(nullable(text(1_000))),
  endpoint: Type.Optional(endpoint),
  ordering: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('entity')])),
  coalesce: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('latest')])),
  batch: Type.Optional(
    nullable(
      Type.Object(
        {
          maxEvents: Type.Integer({ minimum: 1, maximum: 100 }),
          maxWaitMs: Type.Integer({ minimum: 0, maximum: 60_000 }),
        },
        closed,
      ),
    ),
  ),
  retry: Type.Optional(
    nullable(
      Type.Object(
        {
          delaysSeconds: Type.Array(Type.Number({ minimum: 0, maximum: 604_800 }), {
            maxItems: 50,
            description: 'Between attempts; its length is the number of retries.',
          }),
        },
        closed,
      ),
    ),
  ),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
  ratePerSecond: Type.Optional(nullable(Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }))),
  description: Type.Optional(nullable(text(1_024))),
  settings: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
}

export const createSubscription = Type.Object(
  {
    ...changeable,
    integrationId: Type.Optional(Type.String({ description: "The operator's to give; else the caller's own." })),
    dialect: Type.Optional(text(64, 1)),
    types: Type.Array(text(255, 1), { minItems: 1, maxItems: 500 }),
    start: Type.Optional(startSchema),
    signature: Type.Optional(Type.Union([Type.Literal('hmac-sha256'), Type.Literal('ed25519')])),
    signingSecret: Type.Optional(
      Type.String({
        maxLength: 128,
        description:
          'To go on with the secret of another sender: `whsec_` and 24 to 64 bytes as base64. In dialects that sign as Standard Webhooks does, not with Ed25519.',
      }),
    ),
    endpoint: Type.Object({ ...endpoint.properties, url: text(2_048, 1) }, closed),
  },
  {
    ...closed,
    title: 'CreateSubscription',
    examples: [
      { endpoint: { url: 'https://example.com/hook' }, types: ['invoice.*', 'customer.updated'], dialect: 'standard' },
    ],
  },
)

export const patchSubscription = Type.Object(changeable, {
  ...closed,
  title: 'ChangeSubscription',
  examples: [{ types: ['invoice.*'] }],
})

const time = Type.String({ format: 'date-time' })
const shownAuth = Type.Union([
  Type.Object({ type: Type.Literal('basic'), username: Type.String() }),
  Type.Object({ type: Type.Literal('bearer') }),
  Type.Object({
    type: Type.Literal('oauth2'),
    tokenUrl: Type.String(),
    clientId: Type.String(),
    scope: nullable(Type.String()),
  }),
])

export const subscriptionOutput = Type.Object(
  {
    id: Type.String(),
    status: Type.Union([Type.Literal('active'), Type.Literal('disabled')]),
    disabledReason: nullable(Type.String()),
    disabledAt: nullable(time),
    failingSince: nullable(Type.String({ description: 'The first failure since the last success.' })),
    dialect: Type.String(),
    integrationId: Type.String(),
    tenantId: Type.Union([tenantIdOutput, Type.Null()], {
      description: 'Of the access token that made it; null: made for all tenants.',
    }),
    visibleTypes: nullable(
      Type.Array(Type.String(), {
        description:
          'Event patterns that the access token showed that made it: it is never sent others. Null: whatever is granted.',
      }),
    ),
    types: Type.Array(Type.String()),
    tenants: Type.Union([
      Type.Literal('granted'),
      Type.Object({ subtree: tenantIdOutput }),
      Type.Array(tenantIdOutput),
    ]),
    filter: nullable(Type.Record(Type.String(), Type.Unknown())),
    fields: nullable(Type.String()),
    endpoint: Type.Object({
      url: Type.String(),
      headerNames: Type.Array(Type.String()),
      auth: nullable(shownAuth),
      tls: Type.Boolean({ description: 'Whether it has TLS material of its own.' }),
      timeoutSeconds: Type.Integer(),
    }),
    ordering: Type.Union([Type.Literal('none'), Type.Literal('entity')]),
    coalesce: Type.Union([Type.Literal('none'), Type.Literal('latest')]),
    batch: nullable(Type.Object({ maxEvents: Type.Integer(), maxWaitMs: Type.Integer() })),
    retry: nullable(Type.Object({ delaysSeconds: Type.Array(Type.Number()) })),
    concurrency: Type.Integer(),
    ratePerSecond: nullable(Type.Number()),
    description: nullable(Type.String()),
    settings: Type.Record(Type.String(), Type.Unknown()),
    signature: nullable(Type.String()),
    signingSecret: Type.Optional(
      Type.String({ description: 'Shown on creation and rotation only; not with Ed25519.' }),
    ),
    signingPublicKey: Type.Optional(Type.String({ description: 'Of Ed25519, always shown.' })),
    version: Type.Integer({ description: 'Grows with every change.' }),
    hasGrant: Type.Boolean({
      description: 'Whether any tenant grants it anything now. Without a grant nothing is sent to it.',
    }),
    behind: Type.Integer({ description: 'Events of the log that it has not read yet.' }),
    catchUp: nullable(catchUp),
    createdAt: time,
    updatedAt: time,
  },
  {
    title: 'Subscription',
    description: 'Secrets are never shown again; of headers only the names are.',
  },
)
