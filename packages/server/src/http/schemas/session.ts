import { Type } from 'typebox'
import { colorNames } from '../../core/appearance/appearance.ts'
import { nullable } from './page.ts'
import { tenantIdOutput } from './tenant-id.ts'

const closed = { additionalProperties: false }

export const sessionInput = Type.Object(
  {
    key: Type.Optional(
      Type.String({ description: "The operator's, a publisher's or a portal's key, or an access token." }),
    ),
    clientId: Type.Optional(Type.String({ description: "An integration's, with `clientSecret`." })),
    clientSecret: Type.Optional(Type.String()),
    link: Type.Optional(Type.String({ description: 'What stands behind the `#` of a sign-in link.' })),
  },
  { ...closed, title: 'SessionInput', examples: [{ key: 'tid_admin_…' }] },
)

export const sessionOutput = Type.Object(
  {
    kind: Type.Union(['operator', 'publisher', 'integrator', 'portal'].map((kind) => Type.Literal(kind))),
    integrationId: Type.Optional(Type.String()),
    tenantId: Type.Optional(tenantIdOutput),
    may: Type.Array(Type.String(), {
      description:
        '`operate`: tenants, integrations, keys. `publish`. `read`: events. `subscribe`: create, change and delete subscriptions.',
    }),
    expiresAt: nullable(
      Type.String({ format: 'date-time', description: 'Unless it is used before; null: a key, not a session.' }),
    ),
  },
  { title: 'Session' },
)

const color = Type.String({ pattern: '^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$' })
const name = Type.String({ maxLength: 80 })
const colors = Type.Partial(Type.Record(Type.Union(colorNames.map((each) => Type.Literal(each))), color))

/** Of the application that Tidings serves. */
export const appearance = Type.Object(
  { name: nullable(name), logo: nullable(Type.String()), colors },
  { title: 'Appearance', examples: [{ name: 'Bygg & Bo', logo: null, colors: { accent: '#1a7f5a' } }] },
)

export const portalLinkInput = Type.Object(
  {
    integrationId: Type.String(),
    tenantId: Type.Optional(nullable(tenantIdOutput)),
    appearance: Type.Optional(
      nullable(
        Type.Object(
          {
            name: Type.Optional(nullable(name)),
            logo: Type.Optional(
              nullable(
                Type.String({ description: '`data:image/…;base64,…` of PNG, JPEG, GIF, WebP or SVG, up to 64 KiB.' }),
              ),
            ),
            colors: Type.Optional(colors),
          },
          closed,
        ),
      ),
    ),
    expiresInSeconds: Type.Optional(Type.Integer({ description: 'Until it is opened: 10 to 3,600; default 300.' })),
  },
  { ...closed, title: 'PortalLinkInput', examples: [{ integrationId: 'int_…', tenantId: 29302 }] },
)
export const portalLink = Type.Object(
  {
    url: Type.String({ description: 'Shown this once; give it to nobody but the one whom it signs in.' }),
    expiresAt: Type.String({ format: 'date-time' }),
  },
  { title: 'PortalLink' },
)

export const signInLinkInput = Type.Object(
  {
    expiresInSeconds: Type.Optional(
      Type.Integer({ minimum: 10, maximum: 3_600, description: 'Until it is opened; default 300.' }),
    ),
  },
  { ...closed, title: 'SignInLinkInput', examples: [{}] },
)
