import { Type } from 'typebox'
import { keyKinds } from '../../core/registry/registry.ts'
import { nullable } from './page.ts'
import { tenantIdOutput } from './tenant-id.ts'

const time = Type.String({ format: 'date-time', examples: ['2026-03-01T09:30:00.000Z'] })
// The services check what is given, so no schema has to take a bigint.
const tenantId = tenantIdOutput
const types = Type.Array(Type.String({ examples: ['invoice.*'] }), {
  description: 'Event patterns: all that the grant shows, on every way.',
})
const closed = { additionalProperties: false }

export const tenant = Type.Object(
  { id: tenantId, name: Type.String(), parentId: nullable(tenantId), createdAt: time },
  {
    title: 'Tenant',
    examples: [{ id: 29302, name: 'Bygg AB', parentId: 29300, createdAt: '2026-03-01T09:30:00.000Z' }],
  },
)
export const tenantInput = Type.Object(
  { id: tenantId, name: Type.Optional(Type.String({ maxLength: 255 })), parentId: Type.Optional(nullable(tenantId)) },
  { ...closed, title: 'TenantInput', examples: [{ id: 29302, name: 'Bygg AB', parentId: 29300 }] },
)
export const tenantChange = Type.Object(
  { name: Type.Optional(Type.String({ maxLength: 255 })), parentId: Type.Optional(nullable(tenantId)) },
  { ...closed, title: 'TenantChange', examples: [{ name: 'Bygg och Bo AB' }] },
)

const integrationFields = { id: Type.String(), name: Type.String(), clientId: Type.String(), createdAt: time }
export const integration = Type.Object(integrationFields, { title: 'Integration' })
export const newIntegration = Type.Object(
  { ...integrationFields, clientSecret: Type.String({ description: 'Shown this once.' }) },
  { title: 'NewIntegration' },
)
const secret = (what: string) =>
  Type.Optional(Type.String({ minLength: 1, description: `An existing ${what} to go on with; one is made otherwise.` }))
export const integrationInput = Type.Object(
  {
    name: Type.String({ maxLength: 255 }),
    clientId: secret('client id'),
    clientSecret: secret('client secret'),
  },
  { ...closed, title: 'IntegrationInput', examples: [{ name: 'Payroll Sync' }] },
)
export const clientSecretInput = Type.Object({ clientSecret: secret('client secret') }, closed)
export const newClientSecret = Type.Object({ clientSecret: Type.String({ description: 'Shown this once.' }) })

const tokenFields = {
  id: Type.String(),
  tenantId,
  types: nullable(types),
  expiresAt: nullable(time),
  createdAt: time,
}
export const accessToken = Type.Object(
  {
    ...tokenFields,
    authority: Type.Optional(
      Type.String({ description: "The application's own authority whose tokens prove this grant." }),
    ),
  },
  { title: 'AccessToken' },
)
export const newAccessToken = Type.Object(
  { ...tokenFields, accessToken: Type.String({ description: 'Shown this once.' }) },
  { title: 'NewAccessToken' },
)
export const accessTokenInput = Type.Object(
  {
    tenantId,
    types: Type.Optional(nullable(types)),
    expiresAt: Type.Optional(nullable(time)),
    accessToken: secret('access token'),
  },
  { ...closed, title: 'AccessTokenInput', examples: [{ tenantId: 29302, types: ['invoice.*'] }] },
)

const kind = Type.Union(
  keyKinds.map((name) => Type.Literal(name)),
  {
    description:
      '`admin`: the operator. `pub`: a publisher. `portal`: a page that shows one integration its subscriptions.',
  },
)
const keyFields = {
  id: Type.String(),
  kind,
  name: nullable(Type.String()),
  createdAt: time,
  integrationId: Type.Optional(Type.String({ description: "Of a portal's key." })),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: "Of a portal's key." })),
}
export const apiKey = Type.Object(keyFields, { title: 'Key' })
export const newApiKey = Type.Object(
  { ...keyFields, key: Type.String({ description: 'Shown this once.' }) },
  { title: 'NewKey' },
)
export const apiKeyInput = Type.Object(
  {
    kind,
    name: Type.Optional(Type.String({ maxLength: 255 })),
    integrationId: Type.Optional(Type.String({ description: 'Of `portal`, required.' })),
    expiresAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'Of `portal`: up to a day ahead; default an hour.' }),
    ),
  },
  { ...closed, title: 'KeyInput', examples: [{ kind: 'pub', name: 'billing service' }] },
)
