import { expect, test } from 'vitest'
import { visibleTypes } from '../core/event/visible-types.ts'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import { deleteAccessToken } from './access-tokens.ts'
import type { Authority } from './authority.ts'
import { tokenNames } from './ended-tokens.ts'
import { integrationOf, nowMs, tenantOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { type KnownToken, KnownTokens } from './known-tokens.ts'
import { recognisedGrantId, recognisedTokenId } from './recognised-grant.ts'
import { RecognisedGrants } from './recognised-grants.ts'
import { makeSealer } from './sealer.ts'
import { dropRecord, putRecord } from './writes.ts'

const hourMs = 3_600_000
const authority: Authority = {
  ...{ name: 'own', issued: () => 'maybe', check: async () => ({ kind: 'refused', reason: 'x' }) },
  ...{ isResting: () => false, revalidateMs: 1, toleranceMs: 0, grantLastsMs: hourMs, close: async () => {} },
}
const at = (ms: number) => new Date(nowMs + ms).toISOString()

async function setUp() {
  const memory = makeMemoryRegistryStore()
  const commits: number[] = []
  let canWrite = true
  const commit: typeof memory.commit = (writes) => {
    if (!canWrite) return Promise.reject(new Error('the disk is full'))
    commits.push(writes.length)
    return memory.commit(writes)
  }
  const made = await makeTestRegistry({ store: { ...memory, commit } })
  const { registry, directory, clock } = made
  await registry.commit([
    putRecord('integration', integrationOf('int_1')),
    ...[7, 8].map((id) => putRecord('tenant', tenantOf(id))),
  ])
  commits.length = 0
  const sealer = makeSealer([{ id: new Uint8Array(4), key: new Uint8Array(32) }])
  const known = new KnownTokens(directory.recognised)
  const grants = new RecognisedGrants({ authorities: [authority], registry, sealer, clock, known })
  const knownToken = (
    text: string,
    rest: { tenantId?: number; types?: string[] | null; endsInMs?: number | null } = {},
  ) => {
    const { tenantId = 7, types = null, endsInMs = null } = rest
    const parties = { authority: 'own', integrationId: 'int_1', tenantId }
    const expiresAtMs = endsInMs === null ? null : nowMs + endsInMs
    const id = recognisedTokenId(registry.hash(text))
    const token = { id, integrationId: 'int_1', tenantId, hash: text, types, expiresAt: null, createdAt: at(0) }
    const one: KnownToken = {
      ...{ live: { token, expiresAtMs, types: visibleTypes(types) }, text, authority, parties },
      ...{ grantId: recognisedGrantId(parties), names: tokenNames((each) => registry.hashes(each), text) },
      ...{ goodUntilMs: expiresAtMs ?? Number.POSITIVE_INFINITY, checkedAtMs: nowMs, isShown: false },
    }
    known.add(one)
    return one
  }
  return {
    ...{ ...made, grants, known, knownToken, commits, sealer },
    stored: (one: KnownToken) => directory.grants.get(one.grantId)?.token,
    refuseWrites: (refuses: boolean) => {
      canWrite = !refuses
    },
  }
}

test('a grant is what its tokens prove together, and lasts beyond the last of them', async () => {
  const { grants, knownToken, stored, sealer } = await setUp()
  const first = knownToken('one', { types: ['invoice.*'], endsInMs: 2_000 })
  const newest = knownToken('two', { types: ['order.*'], endsInMs: 1_000 })
  await grants.settle(first.grantId)
  const grant = stored(first)!
  expect(grant).toMatchObject({
    ...{ integrationId: 'int_1', tenantId: 7, types: ['invoice.*', 'order.*'], expiresAt: at(2_000 + hourMs) },
    recognised: { authority: 'own', tokenId: newest.live.token.id, tokenExpiresAt: at(1_000) },
  })
  expect(sealer.unseal(grant.recognised!.token, grant.id)).toBe('two')
})

test('what changes at the same time is written in one commit, and what is proven already in none', async () => {
  const { grants, knownToken, commits } = await setUp()
  const tokens = [knownToken('one'), knownToken('two', { tenantId: 8 })]
  await Promise.all(tokens.map(({ grantId }) => grants.settle(grantId)))
  // Two grants; their integration, which both guard, once; two tenants.
  expect(commits).toEqual([5])
  await grants.settle(tokens[0]!.grantId)
  expect(commits).toEqual([5])
})

test('a grant whose last token its authority ended goes; one that another token proves stays', async () => {
  const { grants, known, knownToken, stored, directory } = await setUp()
  const [one, two] = [knownToken('one'), knownToken('two')]
  await grants.settle(one.grantId)
  known.remove(two)
  grants.revoke(one.grantId)
  await grants.settle(one.grantId)
  expect(stored(one)).toBeDefined()
  known.remove(one)
  grants.revoke(one.grantId)
  const dropped: boolean[] = []
  directory.onChanged(() => dropped.push(grants.isDropping(one.grantId)))
  await grants.settle(one.grantId)
  expect(stored(one)).toBeUndefined()
  expect(dropped).toEqual([true])
  expect(grants.isDropping(one.grantId)).toBe(false)
  expect([...directory.endedGrantsOf('int_1')]).toHaveLength(1)
})

test('a grant without an end whose tokens are gone, unrevoked, ends after a while', async () => {
  const { grants, known, knownToken, stored, clock } = await setUp()
  const one = knownToken('one')
  await grants.settle(one.grantId)
  expect(stored(one)?.expiresAt).toBeNull()
  known.remove(one)
  await clock.advance(1_000)
  await grants.settle(one.grantId)
  expect(stored(one)?.expiresAt).toBe(at(1_000 + hourMs))
})

test('a token that the operator ended proves nothing, and neither does one whose tenant is gone', async () => {
  const { grants, known, knownToken, stored, registry } = await setUp()
  const [one, other] = [knownToken('one'), knownToken('two', { tenantId: 8 })]
  await grants.settle(one.grantId)
  known.remove(one)
  await deleteAccessToken(registry, 'int_1', one.grantId)
  const again = knownToken('one')
  await registry.commit([dropRecord('tenant', '8')])
  await Promise.all([grants.settle(one.grantId), grants.settle(other.grantId)])
  expect([stored(one), stored(other), known.has(again), known.has(other)]).toEqual([undefined, undefined, false, false])
})

test('tokens that proved it before are remembered while they are good', async () => {
  const { grants, known, knownToken, stored, clock } = await setUp()
  const one = knownToken('one', { endsInMs: 1_000 })
  const two = knownToken('two', { endsInMs: 5_000 })
  await grants.settle(one.grantId)
  known.remove(one)
  const three = knownToken('three', { endsInMs: 9_000 })
  await grants.settle(one.grantId)
  const names = () => stored(one)!.recognised!.proofs.map((proof) => proof.names[0])
  expect(new Set(names())).toEqual(new Set([one, two, three].map((token) => token.names.kept[0])))
  await clock.advance(1_000)
  known.remove(two)
  await grants.settle(one.grantId)
  knownToken('four', { endsInMs: 9_000 })
  await grants.settle(one.grantId)
  expect(names()).not.toContain(one.names.kept[0])
  expect(names()).toContain(two.names.kept[0])
})

test('what the store refused is settled by the next try', async () => {
  const { grants, knownToken, stored, refuseWrites } = await setUp()
  const one = knownToken('one')
  refuseWrites(true)
  await expect(grants.settle(one.grantId)).rejects.toThrow('the disk is full')
  await expect(grants.retry()).rejects.toThrow('the disk is full')
  refuseWrites(false)
  await grants.retry()
  expect(stored(one)).toBeDefined()
})

test('dropped at a start, grants go with what they showed kept, and those gone meanwhile are passed over', async () => {
  const { grants, knownToken, stored, directory, registry } = await setUp()
  const [one, two] = [knownToken('one'), knownToken('two', { tenantId: 8 })]
  await Promise.all([one, two].map(({ grantId }) => grants.settle(grantId)))
  const both = [stored(one)!, stored(two)!]
  await registry.commit([dropRecord('token', two.grantId)])
  const dropped: boolean[] = []
  directory.onChanged(() => dropped.push(grants.isDropping(one.grantId)))
  await grants.drop(both)
  expect([...directory.grants.all()]).toEqual([])
  expect([...directory.endedGrantsOf('int_1')].map(({ id }) => id)).toEqual([one.grantId])
  expect([dropped, grants.isDropping(one.grantId)]).toEqual([[true], false])
})
