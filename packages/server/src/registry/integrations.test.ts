import { describe, expect, it } from 'vitest'
import { readKey } from '../core/credential/key.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { createAccessToken, deleteAccessToken } from './access-tokens.ts'
import { createApiKey } from './api-keys.ts'
import { createdAt } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createIntegration, deleteIntegration, listIntegrations, rotateClientSecret } from './integrations.ts'
import { createPortalLink } from './portal-links.ts'
import { beginResend } from './resend-records.ts'
import { followSignInLink } from './sign-in-links.ts'
import { createTenant } from './tenants.ts'
import { putRecord } from './writes.ts'

describe('integrations', () => {
  it('show their secret once and keep its hash', async () => {
    const { registry, directory } = await makeTestRegistry()
    const made = await createIntegration(registry, { name: 'Payroll Sync' })
    expect(made.id).toMatch(/^int_/)
    expect(readKey(made.clientSecret)).toEqual({ kind: 'sec' })
    expect(JSON.stringify(directory.integrations.get(made.id))).not.toContain(made.clientSecret)
    const { items } = listIntegrations(directory, {})
    expect(items).toEqual([{ id: made.id, name: 'Payroll Sync', clientId: made.clientId, createdAt: made.createdAt }])
  })

  it('take an existing client id and secret as they are', async () => {
    const { registry, directory } = await makeTestRegistry()
    const given = { name: 'Old', clientId: 'old-client', clientSecret: '6565df' }
    expect(await createIntegration(registry, given)).toMatchObject({ clientId: 'old-client', clientSecret: '6565df' })
    expect(directory.integrations.withKey('old-client')?.secretHash).toBe(registry.hash('6565df'))
    await expect(createIntegration(registry, given)).rejects.toMatchObject({ code: 'conflict' })
    const faulty = createIntegration(registry, { clientId: 'a:b', clientSecret: 'a\nb' })
    await expect(faulty).rejects.toMatchObject({
      errors: [{ pointer: '/name', code: 'required' }, { pointer: '/clientId' }, { pointer: '/clientSecret' }],
    })
  })

  it('change their secret at once', async () => {
    const { registry, directory } = await makeTestRegistry()
    const { id, clientId } = await createIntegration(registry, { name: 'Payroll Sync' })
    const { clientSecret } = await rotateClientSecret(registry, id, {})
    expect(directory.integrations.get(id)).toMatchObject({ clientId, secretHash: registry.hash(clientSecret) })
    expect(await rotateClientSecret(registry, id, { clientSecret: 'own' })).toEqual({ clientSecret: 'own' })
    await expect(rotateClientSecret(registry, 'int_0', {})).rejects.toMatchObject({ code: 'not_found' })
  })

  it('go with their tokens', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    const other = await createIntegration(registry, { name: 'Other' })
    await createAccessToken(registry, id, { tenantId: 1 })
    await createAccessToken(registry, other.id, { tenantId: 1 })
    await deleteIntegration(registry, id)
    expect(directory.grants.ofTenant(1).map(({ integrationId }) => integrationId)).toEqual([other.id])
    await expect(createAccessToken(registry, id, { tenantId: 1 })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('go with all that is theirs, and with nothing of another', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const operator = { clientId: null, hash: 'h' }
    const owned = async (name: string, number: number) => {
      const { id: integrationId } = await createIntegration(registry, { name })
      const subscription = sampleSubscription('standard', { id: `sub_${number}`, number, integrationId })
      const record = {
        id: `rec_${number}`,
        dialect: 'tripletex',
        integrationId,
        value: {},
        createdAt,
        updatedAt: createdAt,
      }
      await registry.commit([putRecord('subscription', subscription), putRecord('dialectRecord', record)])
      await beginResend(registry, subscription, { status: 'failed' }, () => false)
      await createApiKey(registry, { kind: 'portal', integrationId })
      const opened = await createPortalLink(registry, operator, { integrationId })
      await followSignInLink(registry, opened.secret)
      await createPortalLink(registry, operator, { integrationId })
      const gone = await createAccessToken(registry, integrationId, { tenantId: 1 })
      await deleteAccessToken(registry, integrationId, gone.id)
      await createAccessToken(registry, integrationId, { tenantId: 1 })
      return integrationId
    }
    const one = await owned('One', 1)
    const other = await owned('Other', 2)
    await createApiKey(registry, { kind: 'pub' })
    await deleteIntegration(registry, one)
    const left = [directory.grants.all(), directory.subscriptions.values(), directory.dialectRecords.values()]
    for (const records of [...left, directory.resends.values(), directory.endedGrants.values()]) {
      expect([...records].map(({ integrationId }) => integrationId)).toEqual([other])
    }
    expect([...directory.keys.values()].map(({ portal }) => portal?.integrationId)).toEqual([other, undefined])
    for (const records of [directory.sessions.values(), directory.signInLinks.values()]) {
      expect([...records].map(({ portal }) => portal?.integrationId)).toEqual([other])
    }
    await expect(deleteIntegration(registry, one)).rejects.toMatchObject({ code: 'not_found' })
  })
})
