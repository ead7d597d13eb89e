import { expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { createAuthorityFetch } from './authority-fetch.ts'
import { startLocalAuthority } from './fixtures/authority.ts'
import { type IntrospectionSettings, introspectionAuthority } from './introspection-authority.ts'

const claims = { tenant: { id: '7' }, client_id: 'payroll' }

async function start(more: Partial<IntrospectionSettings> = {}) {
  const time = new ManualClock()
  const local = await startLocalAuthority(time)
  const authority = introspectionAuthority(
    {
      name: 'legacy',
      url: local.introspectionUrl,
      clientId: 'tidings',
      clientSecret: local.clientSecret,
      issuer: null,
      audience: [],
      claims: { tenant: '/tenant/id', integration: 'client_id', types: null, scopes: {} },
      revalidateMs: 5_000,
      toleranceMs: 10_000,
      timeoutMs: 3_000,
      grantLastsMs: 0,
      ...more,
    },
    { fetch: createAuthorityFetch(), clock: time },
  )
  return { time, local, check: (token: string) => authority.check(token, time.now()) }
}

test('an active token is granted what is said of it', async () => {
  const { time, local, check } = await start()
  const exp = time.now() / 1_000 + 60
  local.opaque.set('a+b/c==', { ...claims, exp })
  local.opaque.set('endless', claims)
  const granted = { kind: 'granted', clientId: 'payroll', tenantId: 7, types: null, jti: null }
  expect(await check('a+b/c==')).toEqual({ ...granted, expiresAtMs: exp * 1_000 })
  expect(await check('endless')).toEqual({ ...granted, expiresAtMs: null })
  expect(local.questions).toEqual(['a+b/c==', 'endless'])
})

test('a tenant has every digit, as a number and as a text', async () => {
  const { local, check } = await start()
  for (const id of ['116015326147118083', '"116015326147118083"']) {
    local.instead = { status: 200, body: `{"active":true,"tenant":{"id":${id}},"client_id":"payroll"}` }
    expect(await check('good')).toMatchObject({ kind: 'granted', tenantId: 116015326147118083n })
  }
})

test('what is inactive, not yet or no longer good, or meant for others is refused', async () => {
  const { time, local, check } = await start({ issuer: 'https://login.example.com/', audience: ['me', 'us'] })
  const good = { ...claims, iss: local.issuer, aud: ['them', 'us'] }
  const seconds = time.now() / 1_000
  local.opaque.set('good', { ...good, nbf: seconds + 5 })
  local.opaque.set('later', { ...good, nbf: seconds + 11 })
  local.opaque.set('issuer', { ...good, iss: 'https://evil.example.com/' })
  local.opaque.set('audience', { ...good, aud: 'them' })
  local.opaque.set('tenant', { ...good, tenant: { id: 0 } })
  const reasonOf = async (token: string) => {
    const verdict = await check(token)
    return verdict.kind === 'granted' ? verdict.kind : `${verdict.kind} ${verdict.reason}`
  }
  const tokens = ['good', 'unknown', 'later', 'issuer', 'audience', 'tenant']
  expect(await Promise.all(tokens.map(reasonOf))).toEqual([
    'granted',
    'refused inactive',
    'refused claim_nbf',
    'refused claim_iss',
    'refused claim_aud',
    'refused tenant_claim',
  ])
  local.instead = { status: 200, body: JSON.stringify({ active: true, ...good, exp: seconds - 1 }) }
  expect(await reasonOf('good')).toBe('refused expired')
  for (const [claim, reason] of [
    ['exp', 'expired'],
    ['nbf', 'claim_nbf'],
    ['iat', 'claim_iat'],
  ] as const) {
    for (const text of ['"never"', '1e999', '-1e999', '-1', '9223372036854775807', '[1]', 'null']) {
      local.instead = { status: 200, body: `{"${claim}":${text},${JSON.stringify({ active: true, ...good }).slice(1)}` }
      expect(await reasonOf('good')).toBe(`refused ${reason}`)
    }
  }
})

test('an authority that does not answer as it should says nothing of the token', async () => {
  const { time, local, check } = await start()
  local.opaque.set('good', claims)
  const bodies: [status: number, body: string][] = [
    [401, '{"active":false}'],
    [503, ''],
    [200, ''],
    [200, '{}'],
    [200, '{"active":"true"}'],
    [200, '[true]'],
    [200, '{"active":false,"active":true,"tenant":{"id":7},"client_id":"payroll"}'],
  ]
  for (const [status, body] of bodies) {
    local.instead = { status, body }
    expect(await check('good')).toMatchObject({ kind: 'unavailable', reason: expect.not.stringMatching('resting') })
    await time.advance(1_000)
  }
  local.instead = null
  local.isDown = true
  expect(await check('good')).toMatchObject({ kind: 'unavailable' })
  // For a second it is not asked, so that nobody waits for its time-out in turn; then it works at once.
  local.isDown = false
  expect(await check('good')).toEqual({ kind: 'unavailable', reason: 'resting' })
  await time.advance(1_000)
  expect(await check('good')).toMatchObject({ kind: 'granted' })
})

test('wrong credentials of Tidings are no verdict', async () => {
  const { local, check } = await start({ clientSecret: 'wrong' })
  local.opaque.set('good', claims)
  expect(await check('good')).toEqual({ kind: 'unavailable', reason: 'http_401' })
})
