import { type Static, Type } from 'typebox'
import type { IntrospectionSettings } from '../../authorities/introspection-authority.ts'
import { jwtAlgorithms } from '../../authorities/jwt-algorithms.ts'
import type { JwtAuthoritySettings } from '../../authorities/jwt-authority.ts'
import type { ClaimNames } from '../../core/credential/authority-claims.ts'
import { isEventPattern } from '../../core/event/event-type-pattern.ts'
import type { Mapping, Report } from '../schema/schema-reading.ts'
import { section } from '../schema/section.ts'
import { wholeNumber } from '../schema/whole-number.ts'

export type AuthoritySettings =
  | ({ readonly kind: 'jwt' } & JwtAuthoritySettings)
  | ({ readonly kind: 'introspection' } & IntrospectionSettings)

/** A day: an integration that fetches a token each hour, and sleeps at night, misses nothing. */
const defaultGrantLastsSeconds = 86_400
const mostGrantLastsSeconds = 7_776_000
const defaultToleranceSeconds = 10
const defaultTimeoutMs = 3_000
const defaultRevalidateSeconds = 5
/** An unset list is this: each of them has a public key, and new issuers use one of them. */
const defaultAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']

const text = Type.String({ pattern: '\\S', fault: 'must be a text' })
const claim = Type.String({ minLength: 1, fault: 'must be the name of a claim' })
const texts = (fallback: string[], fault: (values: readonly string[]) => string | undefined = () => undefined) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], {
    default: fallback,
    fault: (given: unknown) => {
      const values = [given].flat()
      const areTexts = values.length > 0 && values.every((value) => typeof value === 'string' && value !== '')
      return areTexts ? fault(values as string[]) : 'must be a text or a list of texts'
    },
  })

/** Keys and verdicts that travel in the clear can be forged on the way, except within this machine. */
const url = Type.String({
  fault: (given: unknown) =>
    parsedUrl(given) ? undefined : 'must be an absolute https URL, without credentials and without #',
})

const shared = {
  audience: texts([]),
  claims: Type.Object({ tenant: claim, integration: claim, types: Type.Optional(claim) }),
  scopes: Type.Record(
    Type.String(),
    Type.Array(Type.String(), {
      fault: (given: unknown) =>
        Array.isArray(given) && given.length > 0 && given.every((one) => typeof one === 'string' && isEventPattern(one))
          ? undefined
          : 'must be a list of event patterns, as [invoice.*, customer.updated]',
    }),
    { default: {}, fault: 'must be a mapping of words to lists of event patterns' },
  ),
  allowHttp: Type.Boolean({ default: false, fault: 'must be true or false' }),
  timeoutMs: wholeNumber(100, 10_000, defaultTimeoutMs),
  grantLastsSeconds: wholeNumber(0, mostGrantLastsSeconds, defaultGrantLastsSeconds),
  clockToleranceSeconds: wholeNumber(0, 300, defaultToleranceSeconds),
}

const jwt = Type.Object(
  {
    kind: Type.Literal('jwt'),
    ...shared,
    issuer: text,
    type: Type.Optional(text),
    jwksUrl: url,
    algorithms: texts(defaultAlgorithms, (values) =>
      values.every((value) => (jwtAlgorithms as readonly string[]).includes(value))
        ? undefined
        : `may hold ${jwtAlgorithms.join(', ')}; \`none\` and HMAC prove nothing here`,
    ),
  },
  { rules: rulesFor('jwksUrl') },
)

const introspection = Type.Object(
  {
    kind: Type.Literal('introspection'),
    ...shared,
    issuer: Type.Optional(text),
    url,
    clientId: text,
    clientSecret: text,
    revalidateSeconds: wholeNumber(1, 300, defaultRevalidateSeconds),
  },
  { rules: rulesFor('url') },
)

/**
 * The application's own issuers of access tokens:
 *
 *   authorities:
 *     accounts:
 *       kind: jwt
 *       issuer: https://login.example.com/
 *       audience: https://api.example.com          # or a list
 *       jwksUrl: https://login.example.com/.well-known/jwks.json
 *       claims: { tenant: tenant_id, integration: client_id, types: scope }
 *     legacy:
 *       kind: introspection
 *       url: https://login.example.com/oauth/introspect
 *       clientId: tidings
 *       clientSecret: 7d1c…
 *       claims: { tenant: tenant_id, integration: client_id }
 */
export const authorities = section({
  schema: Type.Record(Type.String(), Type.Union([jwt, introspection]), {
    fault: 'must be a mapping of names to authorities',
    nameFault: (name: string) =>
      /^[a-zA-Z][\w-]{0,63}$/.test(name) ? undefined : 'is no name: letters, digits, - and _, from a letter on',
    rules: issuersOccurOnce,
  }),
  absent: (): readonly AuthoritySettings[] => [],
  read: (given) => Object.entries(given).map(([name, own]) => settingsOf(name, own)),
})

function settingsOf(name: string, given: Static<typeof jwt> | Static<typeof introspection>): AuthoritySettings {
  const shared = {
    name,
    audience: [given.audience].flat(),
    claims: claimsOf(given),
    timeoutMs: given.timeoutMs,
    toleranceMs: given.clockToleranceSeconds * 1_000,
    grantLastsMs: given.grantLastsSeconds * 1_000,
  }
  if (given.kind === 'jwt') {
    const { kind, issuer, type = null, jwksUrl, algorithms } = given
    return { kind, ...shared, issuer, type, jwksUrl: new URL(jwksUrl).href, algorithms: [algorithms].flat() }
  }
  const { kind, issuer = null, url, clientId, clientSecret, revalidateSeconds } = given
  return {
    ...{ kind, ...shared, issuer, url: new URL(url).href, clientId, clientSecret },
    revalidateMs: revalidateSeconds * 1_000,
  }
}

function claimsOf({ claims, scopes }: Pick<Static<typeof jwt>, 'claims' | 'scopes'>): ClaimNames {
  const { tenant, integration, types = null } = claims
  return { tenant, integration, types, scopes }
}

function parsedUrl(given: unknown): URL | undefined {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : null
  const isPlain = url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === ''
  return isPlain ? url : undefined
}

function rulesFor(urlName: string) {
  return (given: Mapping, report: Report) => {
    const url = parsedUrl(given[urlName])
    if (url?.protocol === 'http:' && !isLocal(url) && given.allowHttp !== true) {
      report([urlName], 'must be https; `allowHttp: true` allows http where the network itself is trusted')
    }
    const { claims, scopes } = given as { readonly claims?: Mapping; readonly scopes?: object }
    if (Object.keys(scopes ?? {}).length > 0 && !claims?.types) report(['scopes'], 'needs `claims.types`')
  }
}

function isLocal({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}

function issuersOccurOnce(given: Mapping, report: Report): void {
  const issuers = Object.values(given as Readonly<Record<string, Mapping | null>>).flatMap((own) =>
    own?.kind === 'jwt' && typeof own.issuer === 'string' ? [own.issuer] : [],
  )
  if (new Set(issuers).size < issuers.length) report([], 'have an `issuer` twice')
}
