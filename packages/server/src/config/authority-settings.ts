import { parseDocument } from 'yaml'
import type { IntrospectionSettings } from '../authorities/introspection-authority.ts'
import { type JwtAuthoritySettings, jwtAlgorithms } from '../authorities/jwt-authority.ts'
import type { ClaimNames } from '../core/credential/authority-claims.ts'
import { isEventPattern } from '../core/event/event-type-pattern.ts'
import type { Config } from './config.ts'
import { configurationError } from './settings.ts'

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

/**
 * The application's own issuers of access tokens, in the configuration file:
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
 *
 * @throws AppError `invalid_configuration` with every fault at once
 */
export function readAuthorities(config: Pick<Config, 'file' | 'fileText'>): readonly AuthoritySettings[] {
  const section: unknown = config.fileText === null ? undefined : parseDocument(config.fileText).toJS()?.authorities
  if (section === undefined || section === null) return []
  const place = `${config.file}: authorities`
  if (!isObject(section)) throw configurationError([{ place, detail: 'must be a mapping of names to authorities' }])
  const faults: { place: string; detail: string }[] = []
  const read = Object.entries(section).flatMap(([name, given]): AuthoritySettings[] => {
    const reader = new Reader(`${place}.${name}`, given, faults)
    if (!/^[a-zA-Z][\w-]{0,63}$/.test(name)) reader.fault('', 'is no name: letters, digits, - and _, from a letter on')
    return readAuthority(name, reader)
  })
  const issuers = read.flatMap((settings) => (settings.kind === 'jwt' ? [settings.issuer] : []))
  if (new Set(issuers).size < issuers.length) faults.push({ place, detail: 'have an `issuer` twice' })
  if (faults.length > 0) throw configurationError(faults)
  return read
}

const common = ['kind', 'issuer', 'audience', 'claims', 'scopes', 'allowHttp', 'timeoutMs', 'grantLastsSeconds']
const ofKind = {
  jwt: [...common, 'jwksUrl', 'algorithms', 'type', 'clockToleranceSeconds'],
  introspection: [...common, 'url', 'clientId', 'clientSecret', 'revalidateSeconds', 'clockToleranceSeconds'],
}

function readAuthority(name: string, reader: Reader): AuthoritySettings[] {
  const { kind } = reader.given
  if (kind !== 'jwt' && kind !== 'introspection') {
    reader.fault('kind', 'must be jwt or introspection')
    return []
  }
  reader.refuseOthers(ofKind[kind])
  const shared = {
    name,
    audience: reader.texts('audience'),
    claims: reader.claims(),
    timeoutMs: reader.number('timeoutMs', { min: 100, max: 10_000, fallback: defaultTimeoutMs }),
    toleranceMs:
      reader.number('clockToleranceSeconds', { min: 0, max: 300, fallback: defaultToleranceSeconds }) * 1_000,
    grantLastsMs:
      reader.number('grantLastsSeconds', { min: 0, max: mostGrantLastsSeconds, fallback: defaultGrantLastsSeconds }) *
      1_000,
  }
  if (kind === 'jwt') {
    return [
      {
        ...{ kind, ...shared },
        issuer: reader.text('issuer') ?? '',
        type: reader.isGiven('type') ? (reader.text('type') ?? '') : null,
        jwksUrl: reader.url('jwksUrl'),
        algorithms: reader.algorithms(),
      },
    ]
  }
  return [
    {
      ...{ kind, ...shared },
      issuer: reader.isGiven('issuer') ? (reader.text('issuer') ?? '') : null,
      url: reader.url('url'),
      clientId: reader.text('clientId') ?? '',
      clientSecret: reader.text('clientSecret') ?? '',
      revalidateMs:
        reader.number('revalidateSeconds', { min: 1, max: 300, fallback: defaultRevalidateSeconds }) * 1_000,
    },
  ]
}

/** Reads one authority and gathers what is wrong with it. Faults name places, never values: some are secrets. */
class Reader {
  readonly given: Readonly<Record<string, unknown>>
  readonly #place: string
  readonly #faults: { place: string; detail: string }[]

  constructor(place: string, given: unknown, faults: { place: string; detail: string }[]) {
    this.#place = place
    this.#faults = faults
    this.given = isObject(given) ? given : {}
    if (!isObject(given)) this.fault('', 'must be a mapping of settings')
  }

  fault(name: string, detail: string): undefined {
    this.#faults.push({ place: name === '' ? this.#place : `${this.#place}.${name}`, detail })
  }

  isGiven(name: string): boolean {
    return this.given[name] !== undefined && this.given[name] !== null
  }

  refuseOthers(known: readonly string[]): void {
    for (const name of Object.keys(this.given)) if (!known.includes(name)) this.fault(name, 'is not a setting')
  }

  text(name: string): string | undefined {
    const value = this.given[name]
    if (typeof value === 'string' && value.trim() !== '') return value
    return this.fault(name, 'must be a text')
  }

  texts(name: string): readonly string[] {
    if (!this.isGiven(name)) return []
    const values = [this.given[name]].flat()
    if (values.length > 0 && values.every((value) => typeof value === 'string' && value !== '')) {
      return values as string[]
    }
    this.fault(name, 'must be a text or a list of texts')
    return []
  }

  number(name: string, { min, max, fallback }: { min: number; max: number; fallback: number }): number {
    if (!this.isGiven(name)) return fallback
    const value = this.given[name]
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
    this.fault(name, `must be a whole number from ${min} to ${max}`)
    return fallback
  }

  /** Keys and verdicts that travel in the clear can be forged on the way, except within this machine. */
  url(name: string): string {
    const value = this.given[name]
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.hash !== '') {
      this.fault(name, 'must be an absolute https URL, without credentials and without #')
      return ''
    }
    const isLocal = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\./.test(url.hostname)
    if (url.protocol === 'http:' && !isLocal && this.given.allowHttp !== true) {
      this.fault(name, 'must be https; `allowHttp: true` allows http where the network itself is trusted')
    }
    return url.href
  }

  algorithms(): readonly string[] {
    if (!this.isGiven('algorithms')) return defaultAlgorithms
    const values = this.texts('algorithms')
    for (const value of values) {
      if ((jwtAlgorithms as readonly string[]).includes(value)) continue
      this.fault('algorithms', `may hold ${jwtAlgorithms.join(', ')}; \`none\` and HMAC prove nothing here`)
      break
    }
    return values
  }

  claims(): ClaimNames {
    const given = isObject(this.given.claims) ? this.given.claims : {}
    const nameOf = (claim: string, isNeeded: boolean): string | null => {
      const name = given[claim]
      if (typeof name === 'string' && name !== '') return name
      if (isNeeded || name !== undefined) this.fault(`claims.${claim}`, 'must be the name of a claim')
      return null
    }
    for (const name of Object.keys(given)) {
      if (!['tenant', 'integration', 'types'].includes(name)) this.fault(`claims.${name}`, 'is not a setting')
    }
    const types = nameOf('types', false)
    const scopes = this.#scopes()
    if (types === null && Object.keys(scopes).length > 0) this.fault('scopes', 'needs `claims.types`')
    return { tenant: nameOf('tenant', true) ?? '', integration: nameOf('integration', true) ?? '', types, scopes }
  }

  #scopes(): ClaimNames['scopes'] {
    if (!this.isGiven('scopes')) return {}
    const { scopes } = this.given
    if (!isObject(scopes)) {
      this.fault('scopes', 'must be a mapping of words to lists of event patterns')
      return {}
    }
    for (const [word, patterns] of Object.entries(scopes)) {
      const isList = Array.isArray(patterns) && patterns.length > 0
      if (!isList || !patterns.every((pattern) => typeof pattern === 'string' && isEventPattern(pattern))) {
        this.fault(`scopes.${word}`, 'must be a list of event patterns, as [invoice.*, customer.updated]')
      }
    }
    return scopes as ClaimNames['scopes']
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
