import { expect, test, vi } from 'vitest'
import { createAccessToken, deleteAccessToken } from './access-tokens.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { grantHistoryOf } from './grant-history.ts'
import { createIntegration } from './integrations.ts'
import { createTenant } from './tenants.ts'

test('tokens are gone through once for many questions, and again after a change of the registry', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  await createTenant(registry, { id: 1 })
  const { id } = await createIntegration(registry, { name: 'one' })
  const token = await createAccessToken(registry, id, { tenantId: 1 })
  const look = vi.spyOn(directory.grants, 'ofIntegration')
  const grantedMs = clock.now()
  for (let question = 0; question < 10; question++) {
    expect(grantHistoryOf(directory, id, clock.now())).toMatchObject({ hasEnded: false })
  }
  expect(look).toHaveBeenCalledTimes(1)

  await clock.advance(1_000)
  await deleteAccessToken(registry, id, token.id)
  const history = grantHistoryOf(directory, id, clock.now())
  expect(history).toMatchObject({ hasEnded: true, lastEndMs: clock.now() })
  expect(history.at(grantedMs).direct(id, 1)).toBeDefined()
  expect(history.at(clock.now()).direct(id, 1)).toBeUndefined()
  expect(history.endOf(1, clock.now())).toBe(clock.now())
})

test('a grant has ended when its time has come, without any change of the registry', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  await createTenant(registry, { id: 1 })
  const { id } = await createIntegration(registry, { name: 'one' })
  const endsMs = clock.now() + 1_000
  await createAccessToken(registry, id, { tenantId: 1, expiresAt: new Date(endsMs).toISOString() })
  expect(grantHistoryOf(directory, id, clock.now())).toMatchObject({ hasEnded: false, lastEndMs: null })
  await clock.advance(1_000)
  expect(grantHistoryOf(directory, id, clock.now())).toMatchObject({ hasEnded: true, lastEndMs: endsMs })
})
