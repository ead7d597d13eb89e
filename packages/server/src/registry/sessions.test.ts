import { describe, expect, it } from 'vitest'
import { hashSecret } from '../core/credential/key.ts'
import type { Session } from '../core/registry/registry.ts'
import { createAccessToken, deleteAccessToken } from './access-tokens.ts'
import { createApiKey, deleteApiKey } from './api-keys.ts'
import { type CallerCredentials, keptCredential } from './authenticate.ts'
import { makeTestRegistry, testPeppers } from './fixtures/test-registry.ts'
import { createIntegration, deleteIntegration, rotateClientSecret } from './integrations.ts'
import { authenticateSession, beginSession, endSession } from './sessions.ts'
import { createTenant } from './tenants.ts'

async function setUp() {
  const made = await makeTestRegistry()
  const { registry, directory } = made
  await createTenant(registry, { id: 1 })
  const integration = await createIntegration(registry, { name: 'Payroll Sync' })
  const context = (adminKey: string | undefined = 'the operator') => ({
    directory,
    adminKeyHash: adminKey === undefined ? undefined : hashSecret(adminKey, testPeppers[0]!),
    peppers: testPeppers,
    nowMs: registry.nowMs(),
  })
  const keptOf = (credentials: CallerCredentials) => keptCredential(credentials, context())!
  const who = (session: Session) => authenticateSession(session, context()).kind
  const begun = (credentials: CallerCredentials) => beginSession(registry, keptOf(credentials))
  return { ...made, integration, context, keptOf, who, begun }
}
const key = (secret: string): CallerCredentials => ({ clientId: null, secret })

describe('a session', () => {
  it('speaks for what was signed in with, and keeps nothing of it but its hash', async () => {
    const { registry, integration, begun, who } = await setUp()
    const { clientId, clientSecret } = integration
    const publisher = await createApiKey(registry, { kind: 'pub' })
    const token = await createAccessToken(registry, integration.id, { tenantId: 1 })
    for (const [credentials, kind] of [
      [key('the operator'), 'operator'],
      [key(publisher.key), 'publisher'],
      [key(token.accessToken), 'token'],
      [{ clientId, secret: clientSecret }, 'integration'],
    ] as const) {
      const session = await begun(credentials)
      expect(who(session)).toBe(kind)
      expect(JSON.stringify(session)).not.toContain(credentials.secret)
    }
  })

  it('ends when its key does', async () => {
    const { registry, integration, begun, who, context } = await setUp()
    const admin = await createApiKey(registry, { kind: 'admin' })
    const token = await createAccessToken(registry, integration.id, { tenantId: 1 })
    const byKey = await begun(key(admin.key))
    const byToken = await begun(key(token.accessToken))
    const bySecret = await begun({ clientId: integration.clientId, secret: integration.clientSecret })
    const byConfigured = await begun(key('the operator'))
    await deleteApiKey(registry, admin.id)
    await deleteAccessToken(registry, integration.id, token.id)
    await rotateClientSecret(registry, integration.id, {})
    expect([byKey, byToken, bySecret].map(who)).toEqual(['none', 'none', 'none'])
    expect(authenticateSession(byConfigured, context('another operator')).kind).toBe('none')
    expect(authenticateSession(byConfigured, context(undefined)).kind).toBe('operator')
  })

  it('ends after twelve hours, or with a key that ends before, and goes when another begins', async () => {
    const { registry, directory, clock, keptOf, who, begun } = await setUp()
    const session = await begun(key('the operator'))
    const short = await beginSession(registry, keptOf(key('the operator')), registry.nowMs() + 60_000)
    await clock.advance(60_000)
    expect([session, short].map(who)).toEqual(['operator', 'none'])
    await clock.advance(12 * 3_600_000 - 60_001)
    expect(who(session)).toBe('operator')
    await clock.advance(1)
    expect(who(session)).toBe('none')
    const next = await begun(key('the operator'))
    expect([...directory.sessions.values()]).toEqual([next])
  })

  it('is ended by signing out, which may be done twice', async () => {
    const { registry, directory, begun } = await setUp()
    const { id } = await begun(key('the operator'))
    const other = await begun(key('the operator'))
    await endSession(registry, id)
    await endSession(registry, id)
    expect([...directory.sessions.values()]).toEqual([other])
  })

  it('of a portal is the integration’s, for as long as the one who opened it is the operator', async () => {
    const { registry, integration, keptOf, context } = await setUp()
    const admin = await createApiKey(registry, { kind: 'admin' })
    const of = (tenantId: number | null, credential = keptOf(key(admin.key))) => ({
      credential,
      portal: { integrationId: integration.id, tenantId, appearance: null },
      expiresAt: '2030-01-01T00:00:00.000Z',
    })
    expect(authenticateSession(of(1), context())).toMatchObject({
      kind: 'integration',
      integration: { id: integration.id },
      tenantId: 1,
    })
    expect(authenticateSession(of(null), context())).toMatchObject({ kind: 'integration', tenantId: null })
    const publisher = await createApiKey(registry, { kind: 'pub' })
    expect(authenticateSession(of(1, keptOf(key(publisher.key))), context()).kind).toBe('none')
    const opened = of(1)
    await deleteApiKey(registry, admin.id)
    expect(authenticateSession(opened, context()).kind).toBe('none')
    const again = of(1, keptOf(key('the operator')))
    await deleteIntegration(registry, integration.id)
    expect(authenticateSession(again, context()).kind).toBe('none')
  })

  it('is one of a thousand of its credential: one more ends the first', async () => {
    const { registry, directory, clock, integration, keptOf, begun } = await setUp()
    const operators = await begun(key('the operator'))
    const kept = keptOf({ clientId: integration.clientId, secret: integration.clientSecret })
    const [first, second] = [await beginSession(registry, kept), await beginSession(registry, kept)]
    for (let count = 2; count <= 1_000; count++) {
      await clock.advance(1)
      await beginSession(registry, kept)
    }
    const left = [...directory.sessions.values()].map(({ id }) => id)
    expect(left).toHaveLength(1_001)
    expect([operators, first, second].map(({ id }) => left.includes(id))).toEqual([true, false, true])
  })
})
