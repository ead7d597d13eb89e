import { expect, test } from 'vitest'
import { dropTokens } from './ended-grants.ts'
import { tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { putRecord } from './writes.ts'

const dayMs = 86_400_000

test('a token that goes leaves what it granted, and for how long', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  const token = tokenOf('tok_1', 7, { types: ['invoice.*'], expiresAt: '2027-01-01T00:00:00Z' })
  await registry.commit([putRecord('token', token)])
  await clock.advance(dayMs)
  await registry.commit(dropTokens(directory, [{ token }], registry.now()))
  expect(directory.grants.get('tok_1')).toBeUndefined()
  expect([...directory.endedGrantsOf('int_1')]).toEqual([
    {
      ...{ id: 'tok_1', integrationId: 'int_1', tenantId: 7, types: ['invoice.*'] },
      ...{ grantedAt: '2026-01-01T00:00:00.000Z', expiresAt: '2027-01-01T00:00:00Z' },
      endedAt: '2026-01-02T00:00:00.000Z',
    },
  ])
})

test('a token that changed meanwhile is not dropped, where that matters', async () => {
  const { registry, directory, store } = await makeTestRegistry()
  const token = tokenOf('tok_1', 7)
  await registry.commit([putRecord('token', token)])
  const writes = dropTokens(directory, [{ token, ifRevision: 1 }], registry.now())
  await store.commit([putRecord('token', { ...token, types: ['order.*'] })])
  expect(await store.commit(writes)).toMatchObject({ kind: 'refused', reason: 'revision' })
})

test('what was kept for two weeks goes with the next that end, a hundred at a time', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  const tokens = Array.from({ length: 150 }, (_, index) => tokenOf(`tok_${index}`, 7))
  await registry.commit(tokens.map((token) => putRecord('token', token)))
  await registry.commit(
    dropTokens(
      directory,
      tokens.map((token) => ({ token })),
      registry.now(),
    ),
  )
  const endOne = async (id: string) => {
    await registry.commit([putRecord('token', tokenOf(id, 7))])
    await registry.commit(dropTokens(directory, [{ token: tokenOf(id, 7) }], registry.now()))
    return directory.endedGrants.size
  }
  await clock.advance(14 * dayMs)
  expect(await endOne('tok_a')).toBe(151)
  await clock.advance(1)
  expect(await endOne('tok_b')).toBe(52)
  expect(await endOne('tok_c')).toBe(3)
})

test('a grant that ends again is kept, though it ended long ago before', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  const token = tokenOf('tok_1', 7)
  for (let time = 0; time < 2; time++) {
    await registry.commit([putRecord('token', token)])
    await registry.commit(dropTokens(directory, [{ token }], registry.now()))
    expect(directory.endedGrants.get('tok_1')?.endedAt).toBe(registry.now())
    await clock.advance(30 * dayMs)
  }
})
