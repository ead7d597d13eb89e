import { createHmac, createPublicKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { createAuthorityFetch } from './authority-fetch.ts'
import { type LocalAuthority, startLocalAuthority } from './fixtures/authority.ts'
import { type JwtAuthoritySettings, jwtAuthority } from './jwt-authority.ts'

const clock = () => new ManualClock()
const claims = { tenant_id: 29302, client_id: 'payroll' }

async function start(more: Partial<JwtAuthoritySettings> = {}, algorithm = 'ES256') {
  const time = clock()
  const local = await startLocalAuthority(time, algorithm)
  const authority = jwtAuthority(
    {
      name: 'accounts',
      issuer: local.issuer,
      audience: ['https://api.example.com'],
      type: null,
      jwksUrl: local.jwksUrl,
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      claims: { tenant: 'tenant_id', integration: 'client_id', types: 'scope', scopes: {} },
      toleranceMs: 10_000,
      timeoutMs: 3_000,
      grantLastsMs: 0,
      ...more,
    },
    { fetch: createAuthorityFetch(), clock: time },
  )
  const check = (token: string) => authority.check(token, time.now())
  return { time, local, authority, check }
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function unsigned(local: LocalAuthority, time: ManualClock, alg: string, header: object = {}): string {
  const seconds = time.now() / 1_000
  const body = { iss: local.issuer, aud: 'https://api.example.com', exp: seconds + 60, scope: '*', ...claims }
  return `${part({ alg, ...header })}.${part(body)}.`
}

describe('a token of the issuer', () => {
  test.each(['ES256', 'RS256', 'PS256', 'EdDSA'])(
    'signed with %s is granted what its claims say',
    async (algorithm) => {
      const { time, local, check } = await start({}, algorithm)
      const token = await local.sign({ ...claims, scope: 'openid invoice.* customer.updated' })
      expect(await check(token)).toEqual({
        kind: 'granted',
        clientId: 'payroll',
        tenantId: 29302,
        types: ['invoice.*', 'customer.updated'],
        expiresAtMs: time.now() + 3_600_000,
        jti: null,
      })
      expect(local.keyFetches).toBe(1)
    },
  )

  test.each([116015326147118083n, '116015326147118083'])('is of tenant %o, to the last digit', async (tenantId) => {
    const { local, check } = await start()
    const token = await local.sign({ ...claims, tenant_id: tenantId, scope: '*' })
    expect(await check(token)).toMatchObject({ kind: 'granted', tenantId: 116015326147118083n })
  })

  test('is known by its looks alone', async () => {
    const { local, authority } = await start()
    expect(authority.issued(await local.sign(claims))).toBe('surely')
    expect(authority.issued(await local.sign({ ...claims, iss: 'https://other.example.com/' }))).toBe('never')
    for (const text of ['', 'opaque', 'a.b.c', 'e30.e30.', '....']) expect(authority.issued(text)).toBe('never')
  })
})

describe('refused', () => {
  const wrong: [name: string, claims: Record<string, unknown>, reason: string][] = [
    ['another issuer', { iss: 'https://evil.example.com/' }, 'other_issuer'],
    ['no issuer', { iss: null }, 'other_issuer'],
    ['another audience', { aud: 'https://other.example.com' }, 'claim_aud'],
    ['no audience', { aud: null }, 'claim_aud'],
    ['an expiry in the past', { exp: Date.UTC(2025, 11, 31) / 1_000 }, 'expired'],
    ['an expiry of this very second', { exp: Date.UTC(2026, 0, 1) / 1_000 }, 'expired'],
    ['no expiry', { exp: null }, 'expired'],
    ['an expiry that is no number', { exp: '9999999999' }, 'expired'],
    ['an expiry beyond the calendar', { exp: 9_223_372_036_854_775_807n }, 'expired'],
    ['a beginning that is no number', { nbf: '0' }, 'claim_nbf'],
    ['an issuing that is no number', { iat: [1] }, 'claim_iat'],
    ['a beginning in the future', { nbf: Date.UTC(2026, 0, 1, 0, 0, 30) / 1_000 }, 'claim_nbf'],
    ['no tenant', { tenant_id: null }, 'tenant_claim'],
    ['a tenant that is no id', { tenant_id: '29302; drop' }, 'tenant_claim'],
    ['a tenant beyond 64 bits', { tenant_id: '9223372036854775808' }, 'tenant_claim'],
    ['no integration', { client_id: null }, 'integration_claim'],
    ['no types where they are asked for', { scope: 'openid profile' }, 'types_claim'],
  ]
  test.each(wrong)('%s', async (_name, more, reason) => {
    const { local, check } = await start()
    const token = await local.sign({ ...claims, scope: '*', ...more })
    expect(await check(token)).toEqual({ kind: 'refused', reason })
  })

  const written: [name: string, part: string, reason: string][] = [
    ['an expiry that JSON reads as Infinity', '"exp":1e999', 'expired'],
    ['a negative one', '"exp":-1e999', 'expired'],
    ['a beginning that JSON reads as -Infinity', '"exp":4102444800,"nbf":-1e999', 'claim_nbf'],
    ['an issuing that JSON reads as Infinity', '"exp":4102444800,"iat":1e999', 'claim_iat'],
    ['a time that is no JSON', '"exp":NaN', 'malformed'],
    ['an expiry that is there twice', '"exp":1,"exp":4102444800', 'malformed'],
    ['a claim within a claim that is there twice', '"exp":4102444800,"act":{"sub":1,"sub":2}', 'malformed'],
    ['a tenant that JSON reads as Infinity', '"exp":4102444800,"tenant_id":1e999', 'tenant_claim'],
  ]
  test.each(written)('%s', async (_name, part, reason) => {
    const { local, check } = await start()
    const more = part.includes('tenant_id') ? { client_id: 'payroll' } : claims
    const given = { iss: local.issuer, aud: 'https://api.example.com', scope: '*', ...more }
    const token = await local.signText(`{${JSON.stringify(given).slice(1, -1)},${part}}`)
    expect(await check(token)).toEqual({ kind: 'refused', reason })
    const good = JSON.stringify({ ...given, ...claims, exp: 4_102_444_800 })
    expect(await check(await local.signText(good))).toMatchObject({ kind: 'granted' })
  })

  test('a header with a name that is there twice', async () => {
    const { local, check } = await start()
    const [, body, signature] = (await local.sign({ ...claims, scope: '*' })).split('.')
    const header = Buffer.from('{"alg":"ES256","kid":"key-1","kid":"key-1"}').toString('base64url')
    expect(await check(`${header}.${body}.${signature}`)).toEqual({ kind: 'refused', reason: 'malformed' })
  })

  test('another type of token, as an id token', async () => {
    const { local, check } = await start({ type: 'at+jwt' })
    const all = { ...claims, scope: '*' }
    expect(await check(await local.sign(all, { typ: 'JWT' }))).toMatchObject({ kind: 'refused' })
    expect(await check(await local.sign(all, { typ: 'at+jwt' }))).toMatchObject({ kind: 'granted' })
  })

  test('`alg: none` and its spellings, without asking for keys', async () => {
    const { time, local, check } = await start()
    for (const alg of ['none', 'None', 'NONE', '', 'nOnE']) {
      expect(await check(unsigned(local, time, alg))).toEqual({ kind: 'refused', reason: 'algorithm' })
    }
    expect(local.keyFetches).toBe(0)
  })

  test('HMAC with the public key as the secret', async () => {
    const { time, local, check } = await start({}, 'RS256')
    const pem = createPublicKey({ key: local.keys[0] as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const text = unsigned(local, time, alg, { kid: 'key-1' }).slice(0, -1)
      const signature = createHmac(alg.replace('HS', 'sha'), pem).update(text).digest('base64url')
      expect(await check(`${text}.${signature}`)).toEqual({ kind: 'refused', reason: 'algorithm' })
    }
  })

  test('a signature by a key that stands in the token itself or behind an address in it', async () => {
    const { time, check } = await start()
    const other = await startLocalAuthority(time)
    for (const header of [{ jwk: other.keys[0] }, { jku: other.jwksUrl }, { x5u: other.jwksUrl }]) {
      const token = await other.sign({ ...claims, scope: '*' }, { kid: 'key-1', ...header })
      expect(await check(token)).toMatchObject({ kind: 'refused', reason: 'jws_signature_verification_failed' })
    }
    expect(other.keyFetches).toBe(0)
  })

  test('a secret that stands in the key set', async () => {
    const { time, local, check } = await start({ algorithms: ['ES256', 'HS256'] })
    const secret = Buffer.alloc(32, 7)
    local.keys = [{ kty: 'oct', k: secret.toString('base64url'), kid: 'shared', alg: 'HS256' }]
    const text = unsigned(local, time, 'HS256', { kid: 'shared' }).slice(0, -1)
    const signature = createHmac('sha256', secret).update(text).digest('base64url')
    expect(await check(`${text}.${signature}`)).toMatchObject({ kind: 'refused' })
  })

  test('a changed claim, a changed signature, a signature left off', async () => {
    const { local, check } = await start()
    const [header, body = '', signature = ''] = (await local.sign({ ...claims, scope: 'invoice.*' })).split('.')
    const other = { ...JSON.parse(Buffer.from(body, 'base64url').toString()), tenant_id: 1 }
    for (const token of [`${header}.${part(other)}.${signature}`, `${header}.${body}.`, `${header}.${body}.AAAA`]) {
      expect(await check(token)).toMatchObject({ kind: 'refused' })
    }
  })

  test('a header that asks for what nobody understands', async () => {
    const { local, check } = await start()
    const [, body, signature] = (await local.sign({ ...claims, scope: '*' })).split('.')
    const header = part({ alg: 'ES256', kid: 'key-1', crit: ['x'], x: 1 })
    expect(await check(`${header}.${body}.${signature}`)).toMatchObject({ kind: 'refused' })
  })
})

describe('keys', () => {
  test('that are rotated are fetched when a token names a new one', async () => {
    const { time, local, check } = await start()
    const all = { ...claims, scope: '*' }
    expect(await check(await local.sign(all))).toMatchObject({ kind: 'granted' })
    await local.rotate()
    await time.advance(6_000)
    expect(await check(await local.sign(all))).toMatchObject({ kind: 'granted' })
    expect(local.keyFetches).toBe(2)
  })

  test('that are made up are refused, and cause a few fetches', async () => {
    const { time, local, check } = await start()
    const all = { ...claims, scope: '*' }
    await check(await local.sign(all))
    for (let index = 0; index < 20; index++) {
      const token = await local.sign(all, { kid: `made-up-${index}` })
      expect(await check(token)).toEqual({ kind: 'refused', reason: 'unknown_key', isPassing: true })
    }
    expect(local.keyFetches).toBe(1 + 3)
    await time.advance(5_000)
    await local.rotate()
    expect(await check(await local.sign(all))).toMatchObject({ kind: 'granted' })
    expect(local.keyFetches).toBe(1 + 3 + 1)
  })

  test('that are new while the issuer shows none make no token bad, and work a second after it is back', async () => {
    const { time, local, check } = await start()
    const all = { ...claims, scope: '*' }
    const old = await local.sign(all)
    expect(await check(old)).toMatchObject({ kind: 'granted' })
    await local.rotate()
    const [token, made] = [await local.sign(all), await local.sign(all, { kid: 'made-up' })]
    const answers = [
      { status: 500, body: '{}' },
      { status: 200, body: '{}' },
      { status: 200, body: '{"keys":[],"keys":[]}' },
    ]
    for (const answer of answers) {
      local.instead = answer
      expect(await check(token)).toMatchObject({ kind: 'unavailable', reason: expect.not.stringMatching('resting') })
      // For a second nobody asks, whoever comes; and what can be told by keys that are known is told.
      const fetches = local.keyFetches
      for (const each of [token, made]) expect(await check(each)).toEqual({ kind: 'unavailable', reason: 'resting' })
      expect(await check(old)).toMatchObject({ kind: 'granted' })
      expect(local.keyFetches).toBe(fetches)
      await time.advance(1_000)
    }
    local.instead = null
    expect(await check(token)).toMatchObject({ kind: 'granted' })
    expect(await check(made)).toMatchObject({ kind: 'refused', reason: 'unknown_key' })
  })

  test('are asked for anew when a fetch under way is older than the token', async () => {
    const { local, check } = await start()
    const all = { ...claims, scope: '*' }
    const first = check(await local.sign(all, { kid: 'made-up' }))
    await local.rotate()
    const second = check(await local.sign(all))
    expect(await first).toMatchObject({ kind: 'refused' })
    expect(await second).toMatchObject({ kind: 'granted' })
  })

  test('are fetched once for all who wait', async () => {
    const { local, check } = await start()
    const tokens = await Promise.all([1, 2, 3, 4].map((jti) => local.sign({ ...claims, scope: '*', jti: `${jti}` })))
    const verdicts = await Promise.all(tokens.map(check))
    expect(verdicts.map(({ kind }) => kind)).toEqual(['granted', 'granted', 'granted', 'granted'])
    expect(local.keyFetches).toBe(1)
  })

  test('that were withdrawn are trusted for five minutes at most', async () => {
    const { time, local, check } = await start()
    const long = { ...claims, scope: '*', exp: time.now() / 1_000 + 86_400 }
    const token = await local.sign(long)
    expect(await check(token)).toMatchObject({ kind: 'granted' })
    await local.rotate()
    await time.advance(300_000)
    expect(await check(token)).toMatchObject({ kind: expect.not.stringMatching('granted') })
  })

  test('without a name are tried in turn', async () => {
    const { time, local, check } = await start()
    const other = await startLocalAuthority(time)
    const nameless = [...other.keys, ...local.keys].map(({ kid: _, ...key }) => key)
    local.keys = nameless
    const token = await local.sign({ ...claims, scope: '*' }, { kid: undefined })
    expect(await check(token)).toMatchObject({ kind: 'granted' })
    const stranger = await startLocalAuthority(time)
    const wrong = await stranger.sign({ ...claims, scope: '*' }, { kid: undefined })
    expect(await check(wrong)).toEqual({ kind: 'refused', reason: 'bad_signature' })
  })

  test('that cannot be had say nothing of the token', async () => {
    const { time, local, check } = await start()
    const token = await local.sign({ ...claims, scope: '*' })
    local.isDown = true
    expect(await check(token)).toMatchObject({ kind: 'unavailable' })
    local.isDown = false
    const answers = [
      { status: 500, body: '{}' },
      { status: 302, body: '' },
      { status: 200, body: 'not json' },
      { status: 200, body: '[]' },
      { status: 200, body: 'null' },
      { status: 200, body: `{"keys":[],"pad":"${'x'.repeat(300_000)}"}` },
    ]
    for (const answer of answers) {
      local.instead = answer
      await time.advance(1_000)
      expect(await check(token)).toMatchObject({ kind: 'unavailable' })
    }
    local.instead = null
    await time.advance(1_000)
    expect(await check(token)).toMatchObject({ kind: 'granted' })
  })
})
