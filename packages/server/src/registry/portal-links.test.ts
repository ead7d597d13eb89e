import { expect, test } from 'vitest'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createIntegration } from './integrations.ts'
import { createPortalLink } from './portal-links.ts'
import { createTenant } from './tenants.ts'

const operator = { clientId: null, hash: 'a' }

async function setUp() {
  const { registry } = await makeTestRegistry()
  await createTenant(registry, { id: 1 })
  const { id: integrationId } = await createIntegration(registry, { name: 'Payroll Sync' })
  return { integrationId, create: (input: object) => createPortalLink(registry, operator, { ...input }) }
}

test('a link is for an integration, or for one of its tenants, for five minutes or as long as was said', async () => {
  const { integrationId, create } = await setUp()
  expect((await create({ integrationId })).link).toMatchObject({
    credential: operator,
    portal: { integrationId, tenantId: null, appearance: null },
    expiresAt: '2026-01-01T00:05:00.000Z',
  })
  expect((await create({ integrationId, tenantId: 1, expiresInSeconds: 3_600 })).link).toMatchObject({
    portal: { integrationId, tenantId: 1, appearance: null },
    expiresAt: '2026-01-01T01:00:00.000Z',
  })
})

test.each([
  ['no integration', {}, '/integrationId', 'required'],
  ['an unknown one', { integrationId: 'int_0' }, '/integrationId', 'unknown_integration'],
  ['an unknown tenant', { tenantId: 2 }, '/tenantId', 'unknown_tenant'],
  ['too short a time', { expiresInSeconds: 9 }, '/expiresInSeconds', 'out_of_range'],
  ['too long a time', { expiresInSeconds: 3_601 }, '/expiresInSeconds', 'out_of_range'],
  ['half a second', { expiresInSeconds: 10.5 }, '/expiresInSeconds', 'out_of_range'],
  ['a colour by name', { appearance: { colors: { accent: 'red' } } }, '/appearance/colors/accent', 'invalid_value'],
  ['a logo of elsewhere', { appearance: { logo: 'https://a.example/l.png' } }, '/appearance/logo', 'invalid_value'],
  ['what it does not know', { role: 'operator' }, '/role', 'unknown_field'],
])('it is refused for %s', async (_, input, pointer, code) => {
  const { integrationId, create } = await setUp()
  const given = { ...(pointer === '/integrationId' ? {} : { integrationId }), ...input }
  await expect(create(given)).rejects.toMatchObject({ errors: [{ pointer, code }] })
})

test('it carries the looks of the application', async () => {
  const { integrationId, create } = await setUp()
  const appearance = { name: 'Bygg', colors: { accent: '#1a7f5a' } }
  expect((await create({ integrationId, appearance })).link.portal).toMatchObject({
    appearance: { ...appearance, logo: null },
  })
})
