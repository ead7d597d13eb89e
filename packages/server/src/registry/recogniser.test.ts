import { expect, test } from 'vitest'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import type { Authority, Verdict } from './authority.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createIntegration } from './integrations.ts'
import { Recogniser } from './recogniser.ts'
import { makeSealer } from './sealer.ts'
import { createTenant } from './tenants.ts'

const sealingKey = { id: new Uint8Array(4), key: new Uint8Array(32) }

test('a revocation that the store refuses at a restart is asked about again, until it is written', async () => {
  const memory = makeMemoryRegistryStore()
  let canWrite = true
  const commit: typeof memory.commit = (writes) =>
    canWrite ? memory.commit(writes) : Promise.reject(new Error('the disk is full'))
  const { registry, directory, clock } = await makeTestRegistry({ store: { ...memory, commit } })
  await createTenant(registry, { id: 1 })
  const { clientId } = await createIntegration(registry, { name: 'Payroll' })
  let verdict: Verdict = { kind: 'granted', clientId, tenantId: 1, types: null, expiresAtMs: null, jti: null }
  const failures: unknown[] = []
  const start = async () => {
    const recogniser = new Recogniser({
      ...{ registry, clock, sealer: makeSealer([sealingKey]), wrongPerMinute: 20, observe: () => {} },
      authorities: [
        {
          ...{
            name: 'own',
            issued: () => 'maybe',
            check: async () => verdict,
            isResting: () => false,
            close: async () => {},
          },
          ...{ revalidateMs: 60_000, toleranceMs: 0, grantLastsMs: 3_600_000 },
        },
      ],
      onFailure: (error) => failures.push(error),
    })
    await recogniser.start()
    return recogniser
  }
  const before = await start()
  expect(await before.recognise('an-opaque-token', '192.0.2.1')).toBe('known')
  await before.stop()
  expect([...directory.grants.all()]).toHaveLength(1)

  verdict = { kind: 'refused', reason: 'inactive' }
  canWrite = false
  const after = await start()
  await clock.advance(3_000)
  expect(failures).not.toEqual([])
  canWrite = true
  await clock.advance(3_000)
  expect([...directory.grants.all()]).toEqual([])
  await after.stop()
})

test('a clock that is set back neither keeps a refusal nor puts a question to the authority off', async () => {
  const { registry, clock } = await makeTestRegistry()
  await createTenant(registry, { id: 1 })
  const { clientId } = await createIntegration(registry, { name: 'Payroll' })
  const granted: Verdict = { kind: 'granted', clientId, tenantId: 1, types: null, expiresAtMs: null, jti: null }
  const refused: Verdict = { kind: 'refused', reason: 'inactive' }
  let verdict: Verdict = refused
  const own: Authority = {
    name: 'own',
    issued: () => 'maybe',
    check: async () => verdict,
    isResting: () => false,
    close: async () => {},
    ...{ revalidateMs: 60_000, toleranceMs: 0, grantLastsMs: 3_600_000 },
  }
  const recogniser = new Recogniser({
    ...{ registry, clock, sealer: makeSealer([sealingKey]), wrongPerMinute: 20, observe: () => {} },
    authorities: [own],
    onFailure: (error) => expect.fail(String(error)),
  })
  await recogniser.start()
  expect(await recogniser.recognise('text', 'a')).toBe('refused')
  verdict = granted
  expect(await recogniser.recognise('text', 'a')).toBe('refused')
  clock.setBack(3_600_000)
  expect(await recogniser.recognise('text', 'a')).toBe('known')

  clock.setBack(3_600_000)
  verdict = refused
  await clock.advance(2_000)
  expect(await recogniser.recognise('text', 'a')).toBe('refused')
  await recogniser.stop()
})
