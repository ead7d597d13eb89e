import { describe, expect, it } from 'vitest'
import { hashSecret } from '../core/credential/key.ts'
import { createAccessToken, deleteAccessToken } from './access-tokens.ts'
import { createApiKey } from './api-keys.ts'
import { authenticate, callerOf } from './authenticate.ts'
import { makeTestRegistry, testPeppers } from './fixtures/test-registry.ts'
import { createIntegration, deleteIntegration, rotateClientSecret } from './integrations.ts'
import { makeStreamAuthority } from './stream-authority.ts'
import { createTenant, deleteTenant } from './tenants.ts'

const adminKeyHash = hashSecret('the operator', testPeppers[0]!)

async function setUp() {
  const made = await makeTestRegistry()
  const { registry, directory } = made
  for (const id of [1, 2, 3]) await createTenant(registry, { id })
  const integration = await createIntegration(registry, { name: 'Payroll Sync', clientSecret: 'sécret:6565df' })
  const as = (header: string | undefined, options: { afterMs?: number; peppers?: readonly Uint8Array[] } = {}) =>
    authenticate(header, {
      directory,
      adminKeyHash,
      peppers: options.peppers ?? testPeppers,
      nowMs: registry.nowMs() + (options.afterMs ?? 0),
    })
  return { ...made, integration, as }
}
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
const wrong = { kind: 'none', reason: 'wrong' }

describe('authentication', () => {
  it('knows the operator by the configured key and by admin keys', async () => {
    const { registry, as } = await setUp()
    const { key } = await createApiKey(registry, { kind: 'admin' })
    expect(as('Bearer the operator')).toEqual({ kind: 'operator' })
    expect(as(`bearer  ${key}`)).toEqual({ kind: 'operator', keyId: expect.stringMatching(/^key_/) })
    expect(as('Bearer the operato')).toEqual(wrong)
  })

  it('lets nobody in by an admin key that is not configured', async () => {
    const { directory } = await setUp()
    const context = { directory, adminKeyHash: undefined, peppers: testPeppers, nowMs: 0 }
    for (const header of ['Bearer ', 'Bearer', 'Bearer undefined', basic('', '')]) {
      expect(authenticate(header, context)).toEqual(wrong)
    }
  })

  it('knows publishers by their keys', async () => {
    const { registry, as } = await setUp()
    const { id, key } = await createApiKey(registry, { kind: 'pub' })
    expect(as(`Bearer ${key}`)).toEqual({ kind: 'publisher', keyId: id })
    expect(callerOf(as(`Bearer ${key}`))).toEqual({ kind: 'publisher' })
  })

  it('knows a portal by its key, for one integration and an hour, or as long as was said', async () => {
    const { registry, directory, integration, as } = await setUp()
    const { id: integrationId } = integration
    const { id: keyId, key, expiresAt } = await createApiKey(registry, { kind: 'portal', integrationId })
    const caller = { kind: 'portal', keyId, integrationId }
    expect(expiresAt).toBe('2026-01-01T01:00:00.000Z')
    expect(callerOf(as(`Bearer ${key}`, { afterMs: 3_599_999 }))).toEqual(caller)
    expect(as(`Bearer ${key}`, { afterMs: 3_600_000 })).toEqual(wrong)
    const day = { kind: 'portal', integrationId, expiresAt: '2026-01-02T00:00:00Z' }
    const long = await createApiKey(registry, day)
    expect(as(`Bearer ${long.key}`, { afterMs: 86_399_999 })).toMatchObject({ kind: 'portal' })

    for (const [input, field] of [
      [{ kind: 'portal' }, '/integrationId'],
      [{ kind: 'portal', integrationId: 'int_other' }, '/integrationId'],
      [{ ...day, expiresAt: '2026-01-02T00:00:01Z' }, '/expiresAt'],
      [{ ...day, expiresAt: '2026-01-01T00:00:00Z' }, '/expiresAt'],
      [{ ...day, kind: 'pub' }, '/integrationId'],
    ] as const) {
      const errors = expect.arrayContaining([expect.objectContaining({ pointer: field })])
      await expect(createApiKey(registry, input)).rejects.toMatchObject({ code: 'invalid_request', errors })
    }
    await deleteIntegration(registry, integrationId)
    expect(as(`Bearer ${key}`)).toEqual(wrong)
    expect(directory.keys.get(keyId)).toBeUndefined()
  })

  it('does the same work for every wrong credential: nothing is learned from the time it takes', async () => {
    const { registry, directory, integration } = await setUp()
    const token = async (tenantId: number, more = {}) =>
      (await createAccessToken(registry, integration.id, { tenantId, ...more })).accessToken
    const [right, expired, orphaned] = [
      await token(1),
      await token(2, { expiresAt: '2026-01-01T00:00:10Z' }),
      await token(3),
    ]
    const { key } = await createApiKey(registry, { kind: 'pub' })
    await deleteTenant(registry, 3)
    /** How many hashes were made, and how many secrets were looked for. */
    const workOf = (header: string) => {
      const work = { hashes: 0, lookups: 0 }
      const counted = <T extends object>(of: T, names: readonly string[]): T =>
        new Proxy(of, {
          get(target, name) {
            const value = Reflect.get(target, name, target)
            if (names.includes(String(name))) work.lookups += 1
            return typeof value === 'function' ? value.bind(target) : value
          },
        })
      const pepper = (bytes: Uint8Array) =>
        new Proxy([bytes], {
          get(target, name) {
            if (name === '0') work.hashes += 1
            return Reflect.get(target, name)
          },
        })
      const watched = new Proxy(directory, {
        get(target, name) {
          const value = Reflect.get(target, name, target)
          if (name === 'liveTokenWithHash') work.lookups += 1
          if (name === 'keys' || name === 'integrations') return counted(value, ['withKey'])
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      const peppers = pepper(testPeppers[0]!)
      authenticate(header, { directory: watched, adminKeyHash, peppers, nowMs: registry.nowMs() + 10_000 })
      return work
    }
    const usual = workOf('Bearer unknown')
    expect(usual.hashes).toBeGreaterThan(0)
    expect(usual.lookups).toBe(3)
    for (const header of [
      'Bearer',
      'Nonsense',
      `Bearer ${right.slice(0, -1)}`,
      `Bearer ${right}`,
      `Bearer ${expired}`,
      `Bearer ${orphaned}`,
      `Bearer ${key}`,
      `Bearer ${key}x`,
      'Bearer the operato',
      'Bearer the operator',
      basic('', ''),
      basic('nobody', 'secret'),
      basic(integration.clientId, 'wrong'),
      basic(integration.clientId, 'sécret:6565df'),
      'Basic !!!',
    ]) {
      expect([header, workOf(header)]).toEqual([header, usual])
    }
  })

  it('knows an integration by client id and secret', async () => {
    const { registry, integration, as } = await setUp()
    const header = basic(integration.clientId, 'sécret:6565df')
    expect(as(header)).toMatchObject({ kind: 'integration', integration: { id: integration.id }, tenantId: null })
    expect(callerOf(as(header))).toEqual({
      kind: 'integrator',
      integrationId: integration.id,
      tenantId: null,
      token: null,
    })
    expect(as(basic(integration.clientId, 'other'))).toEqual(wrong)
    expect(as(basic('other', 'sécret:6565df'))).toEqual(wrong)
    expect(as('Bearer sécret:6565df')).toEqual(wrong)
    await rotateClientSecret(registry, integration.id, {})
    expect(as(header)).toEqual(wrong)
  })

  it('knows an access token for its tenant, until it is revoked, expired or its tenant gone', async () => {
    const { registry, integration, as } = await setUp()
    const tokens = await Promise.all(
      [{ tenantId: 1, accessToken: 'abc' }, { tenantId: 2, expiresAt: '2026-01-01T00:00:10Z' }, { tenantId: 3 }].map(
        (input) => createAccessToken(registry, integration.id, input),
      ),
    )
    const [imported, expiring, other] = tokens.map(({ accessToken }) => `Bearer ${accessToken}`)
    expect(imported).toBe('Bearer abc')
    expect(as(imported)).toMatchObject({ kind: 'token', tenantId: 1, token: { id: tokens[0]!.id } })
    expect(callerOf(as(imported))).toEqual({
      kind: 'integrator',
      integrationId: integration.id,
      tenantId: 1,
      token: { id: expect.stringMatching(/^tok_/), types: null },
    })
    expect(as(basic('abc', 'abc'))).toEqual(wrong)
    expect(as(expiring, { afterMs: 9_999 })).toMatchObject({ kind: 'token', tenantId: 2 })
    expect(as(expiring, { afterMs: 10_000 })).toEqual(wrong)
    await deleteAccessToken(registry, integration.id, tokens[0]!.id)
    expect(as(imported)).toEqual(wrong)
    await deleteTenant(registry, 3)
    expect(as(other)).toEqual(wrong)
    await deleteIntegration(registry, integration.id)
    expect(as(expiring)).toEqual(wrong)
  })

  it('goes on with secrets from before a new master key', async () => {
    const { integration, as } = await setUp()
    const header = basic(integration.clientId, 'sécret:6565df')
    expect(as(header, { peppers: [Buffer.alloc(32, 9), ...testPeppers] })).toMatchObject({ kind: 'integration' })
    expect(as(header, { peppers: [Buffer.alloc(32, 9)] })).toEqual(wrong)
  })

  it('tells no credential from a wrong one', async () => {
    const { as } = await setUp()
    expect(as(undefined)).toEqual({ kind: 'none', reason: 'missing' })
    expect(as('')).toEqual({ kind: 'none', reason: 'missing' })
    expect(callerOf(as(undefined))).toBeNull()
    for (const header of ['Bearer', 'Digest abc', 'Basic', 'Basic !!!', 'Basic YWJj', `Bearer ${'x'.repeat(1e6)}`]) {
      expect(as(header)).toEqual(wrong)
    }
  })
})

describe('the tokens of a stream', () => {
  async function setUpStream() {
    const made = await setUp()
    const { registry, integration, directory } = made
    await createAccessToken(registry, integration.id, { tenantId: 1, accessToken: 'one', types: ['invoice.*'] })
    await createAccessToken(registry, integration.id, {
      tenantId: 2,
      accessToken: 'two',
      expiresAt: '2026-01-01T00:00:10Z',
    })
    const other = await createIntegration(registry, { name: 'Other', clientSecret: 'other secret' })
    await createAccessToken(registry, other.id, { tenantId: 3, accessToken: 'three' })
    const authority = makeStreamAuthority(directory, testPeppers, async () => 'refused')
    const check = (secret: string, tokens: string[], afterMs = 0) =>
      authority.checkTokens(secret, tokens, registry.nowMs() + afterMs)
    return { ...made, other, authority, check }
  }

  it('are granted all together', async () => {
    const { check, integration } = await setUpStream()
    const result = await check('sécret:6565df', ['two', 'one'])
    if (result.kind !== 'granted') throw new Error('refused')
    expect(result.grants.map(({ tenantId, integrationId }) => [tenantId, integrationId])).toEqual([
      [2, integration.id],
      [1, integration.id],
    ])
    expect(result.grants.map(({ expiresAtMs }) => expiresAtMs)).toEqual([Date.UTC(2026, 0, 1, 0, 0, 10), null])
    expect(result.grants.map(({ types }) => types.allows('order.created'))).toEqual([true, false])
    expect(await check('sécret:6565df', [])).toEqual({ kind: 'granted', grants: [] })
  })

  it('are refused all together, naming the bad ones', async () => {
    const { check } = await setUpStream()
    const refused = (...tokens: string[]) => ({ kind: 'refused', invalidTokens: new Set(tokens) })
    expect(await check('sécret:6565df', ['one', 'none', 'three'])).toEqual(refused('none', 'three'))
    expect(await check('sécret:6565df', ['one', 'two'], 10_000)).toEqual(refused('two'))
    expect(await check('wrong', ['one', 'two'])).toEqual(refused('one', 'two'))
    expect(await check('wrong', [])).toEqual(refused())
  })

  it('stay live until they, their tenant or their integration go', async () => {
    const { authority, registry, directory, other } = await setUpStream()
    const idOf = (text: string) => directory.grants.withHash(registry.hash(text))!.token.id
    const ids = ['one', 'two', 'three'].map(idOf)
    const live = () => ids.map((id) => authority.grantOf(id) !== undefined)
    let wakes = 0
    const stop = authority.onChanged(() => wakes++)
    expect(live()).toEqual([true, true, true])
    await deleteTenant(registry, 1)
    expect(live()).toEqual([false, true, true])
    await deleteIntegration(registry, other.id)
    expect(live()).toEqual([false, true, false])
    expect(wakes).toBe(2)
    await createApiKey(registry, { kind: 'pub' })
    expect(wakes).toBe(2)
    stop()
  })
})
