import { expect, test } from 'vitest'
import { createAccessToken, deleteAccessToken } from './access-tokens.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { grantRecords } from './grant-records.ts'
import { createIntegration } from './integrations.ts'
import { createTenant } from './tenants.ts'

// RFC 3339 writes times in ways that `Date.parse` does not read. The registry's clock begins with 2026.
test.each(['2016-12-31T23:59:60Z', '2016-12-31t23:59:59.5z', '2017-01-01T01:00:00+01:00'])(
  'a grant that expired at %s had expired before it was deleted',
  async (expiresAt) => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const { id: integrationId } = await createIntegration(registry, { name: 'one' })
    const { id } = await createAccessToken(registry, integrationId, { tenantId: 1, expiresAt })
    const noAudit = { page: async () => ({ entries: [], next: null }) }
    const records = grantRecords(directory, noAudit, () => registry.nowMs())
    const end = { kind: 'expired', at: expiresAt, tokenId: id, by: null }
    expect(await records.lastEnd(integrationId, [1])).toEqual(end)
    await deleteAccessToken(registry, integrationId, id)
    expect(await records.lastEnd(integrationId, [1])).toEqual(end)
  },
)
