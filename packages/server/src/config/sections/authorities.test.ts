import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AppError } from '../../core/errors.ts'
import { sectionsOfText } from '../fixtures/file-text.ts'

const read = (fileText: string) => sectionsOfText(fileText).authorities

function faultsOf(fileText: string): string[] {
  try {
    read(fileText)
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.message).not.toContain('hunter2')
    return error.errors.map(
      ({ pointer, detail }) => `${pointer.replace(/^tidings.yaml line \d+: authorities/, '')} ${detail}`,
    )
  }
}

test('both kinds, with what is left out', () => {
  const [accounts, legacy] = read(`
authorities:
  accounts:
    kind: jwt
    issuer: https://login.example.com/
    audience: https://api.example.com
    jwksUrl: https://login.example.com/jwks.json
    claims: { tenant: tenant_id, integration: client_id, types: scope }
    scopes: { bookkeeping: [voucher.*] }
  legacy:
    kind: introspection
    url: http://127.0.0.1:9000/introspect
    clientId: tidings
    clientSecret: hunter2
    claims: { tenant: /tenant/id, integration: client_id }
    revalidateSeconds: 2
    grantLastsSeconds: 0
`)
  expect(accounts).toEqual({
    kind: 'jwt',
    name: 'accounts',
    issuer: 'https://login.example.com/',
    audience: ['https://api.example.com'],
    type: null,
    jwksUrl: 'https://login.example.com/jwks.json',
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
    claims: {
      tenant: 'tenant_id',
      integration: 'client_id',
      types: 'scope',
      scopes: { bookkeeping: ['voucher.*'] },
    },
    timeoutMs: 3_000,
    toleranceMs: 10_000,
    grantLastsMs: 86_400_000,
  })
  expect(legacy).toMatchObject({
    kind: 'introspection',
    issuer: null,
    audience: [],
    claims: { types: null },
    revalidateMs: 2_000,
    grantLastsMs: 0,
  })
})

test('no section, no authorities', () => {
  expect(read('')).toEqual([])
  expect(read('port: 8080')).toEqual([])
})

test('all faults at once, and no secret in them', () => {
  const faults = faultsOf(`
authorities:
  accounts:
    kind: jwt
    jwksUrl: http://login.example.com/jwks.json
    algorithms: [none, HS256]
    claims: { tenant: 5, integration: client_id, user: sub }
    clockToleranceSeconds: 301
    url: https://login.example.com/
  2nd:
    kind: introspection
    url: https://tidings:hunter2@login.example.com/introspect
    clientId: tidings
    clientSecret: ''
    claims: { tenant: tenant_id, integration: client_id }
    scopes: { bookkeeping: voucher.* }
    revalidateSeconds: 0
  third: { kind: saml }
  fourth: hunter2
`)
  const places = faults.map((fault) => fault.split(' ')[0])
  expect(places.sort()).toEqual(
    [
      '.2nd',
      '.2nd.clientSecret',
      '.2nd.revalidateSeconds',
      '.2nd.scopes',
      '.2nd.scopes.bookkeeping',
      '.2nd.url',
      '.accounts.algorithms',
      '.accounts.claims.tenant',
      '.accounts.claims.user',
      '.accounts.clockToleranceSeconds',
      '.accounts.issuer',
      '.accounts.jwksUrl',
      '.accounts.url',
      '.fourth',
      '.fourth.kind',
      '.third.kind',
    ].sort(),
  )
})

test('http only where the network is said to be trusted, and an issuer once', () => {
  const jwt = (name: string, more: string) =>
    `  ${name}: { kind: jwt, issuer: a, jwksUrl: 'http://idp:8080/jwks', claims: { tenant: t, integration: i }${more} }\n`
  expect(faultsOf(`authorities:\n${jwt('one', '')}`)).toHaveLength(1)
  expect(faultsOf(`authorities:\n${jwt('one', ', allowHttp: true')}`)).toEqual([])
  expect(faultsOf(`authorities:\n${jwt('one', ', allowHttp: true')}${jwt('two', ', allowHttp: true')}`)).toEqual([
    ' have an `issuer` twice',
  ])
  expect(faultsOf('authorities: [a]')).toEqual([' must be a mapping of names to authorities'])
})

test('the examples of the guide are configurations', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../../docs/guides/own-tokens.md'), 'utf8')
  const examples = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]!)
  expect(examples.map((example) => read(example).map(({ kind }) => kind))).toEqual([['jwt'], ['introspection']])
  for (const name of guide.matchAll(/^\| `(\w+)`(?:, `(\w+)`)? \|/gm)) {
    for (const setting of name.slice(1).filter((text) => text !== undefined)) {
      const faults = faultsOf(
        `authorities:\n  a: { kind: jwt, ${setting}: [] }\n  b: { kind: introspection, ${setting}: [] }`,
      )
      // Known to one of the kinds at least.
      expect(
        faults.filter(
          (fault) =>
            fault.startsWith(`.a.${setting} is not a setting`) || fault.startsWith(`.b.${setting} is not a setting`),
        ).length,
      ).toBeLessThan(2)
    }
  }
})
