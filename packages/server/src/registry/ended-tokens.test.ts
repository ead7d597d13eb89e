import { expect, test } from 'vitest'
import type { AccessToken } from '../core/registry/registry.ts'
import { endTokens, isTokenEnded, tokenNames } from './ended-tokens.ts'
import { tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { putRecord } from './writes.ts'

const jwt = (signature: string) => {
  const header = Buffer.from('{"alg":"ES256"}').toString('base64url')
  return `${header}.${Buffer.from('{"sub":"1"}').toString('base64url')}.${signature}`
}
const proof = (names: readonly string[], expiresAt: string | null) => ({ names, expiresAt })
const recognised = (
  proofs: readonly { names: readonly string[]; expiresAt: string | null }[],
): Partial<AccessToken> => ({
  recognised: { authority: 'own', token: 'v1.x', tokenId: 'tok_t', tokenExpiresAt: null, proofs },
})

test('a signed token has one name, whatever signature it bears; an opaque one is named by its text', async () => {
  const { registry } = await makeTestRegistry()
  const names = (text: string) => tokenNames((each) => registry.hashes(each), text).kept
  expect(names(jwt('AAAA'))).toEqual(names(jwt('BBBB')))
  expect(names('opaque-1')).not.toEqual(names('opaque-2'))
})

test('a token has a second name by what its authority calls it, and that of no other authority', async () => {
  const { registry } = await makeTestRegistry()
  const names = (text: string, authority: string, jti: string | null) =>
    tokenNames((each) => registry.hashes(each), text, { authority, jti }).kept
  expect(names('a', 'own', 'j1')[1]).toBe(names('b', 'own', 'j1')[1])
  expect(names('a', 'own', 'j1')[1]).not.toBe(names('a', 'other', 'j1')[1])
  expect(names('a', 'own', null)).toHaveLength(1)
})

test('a token that ended is known under every master key of the server', async () => {
  const before = await makeTestRegistry({ peppers: [Buffer.alloc(32, 1)] })
  const kept = tokenNames((each) => before.registry.hashes(each), 'text').kept
  const token = tokenOf('tok_1', 7, { names: kept })
  await before.registry.commit([putRecord('token', token)])
  await before.registry.commit(endTokens(before.directory, [token], before.registry.now()))
  const rotated = await makeTestRegistry({ store: before.store, peppers: [Buffer.alloc(32, 2), Buffer.alloc(32, 1)] })
  const namesOf = (text: string) => tokenNames((each) => rotated.registry.hashes(each), text)
  expect(isTokenEnded(rotated.directory, namesOf('text'))).toBe(true)
  expect(isTokenEnded(rotated.directory, namesOf('other'))).toBe(false)
})

test.each<[string, Partial<AccessToken>, [string, string | null][]]>([
  ['of one that Tidings made nothing is remembered: it is nowhere else', {}, []],
  ['one that was imported may be good at an authority for ever', { names: ['tok_n'] }, [['tok_n', null]]],
  [
    'every token that proved a recognised grant is remembered as long as it is good',
    recognised([proof(['tok_x', 'tok_y'], '2026-02-01T00:00:00Z'), proof(['tok_z'], null)]),
    [
      ['tok_x', '2026-02-01T00:00:00Z'],
      ['tok_y', '2026-02-01T00:00:00Z'],
      ['tok_z', null],
    ],
  ],
])('%s', async (_, rest, remembered) => {
  const { registry, directory } = await makeTestRegistry()
  const token = tokenOf('tok_1', 7, rest)
  await registry.commit([putRecord('token', token)])
  await registry.commit(endTokens(directory, [token], registry.now()))
  expect(directory.grants.get('tok_1')).toBeUndefined()
  expect([...directory.endedTokens.values()].map(({ id, expiresAt }) => [id, expiresAt]).sort()).toEqual(remembered)
})

test('what an authority refuses by itself is forgotten with the next that end', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  const end = async (id: string, expiresAt: string | null) => {
    const token = tokenOf(id, 7, recognised([proof([`name of ${id}`], expiresAt)]))
    await registry.commit([putRecord('token', token)])
    await registry.commit(endTokens(directory, [token], registry.now()))
    return [...directory.endedTokens.values()].map((ended) => ended.id).sort()
  }
  await end('tok_1', '2026-01-01T00:00:01.000Z')
  await end('tok_2', null)
  await clock.advance(1_000)
  expect(await end('tok_3', null)).toHaveLength(3)
  await clock.advance(1)
  expect(await end('tok_4', null)).toEqual(['name of tok_2', 'name of tok_3', 'name of tok_4'])
})

test('a token that came to prove the grant meanwhile is not passed over', async () => {
  const { registry, directory, store } = await makeTestRegistry()
  const token = tokenOf('tok_1', 7, recognised([proof(['tok_x'], null)]))
  await registry.commit([putRecord('token', token)])
  const writes = endTokens(directory, [token], registry.now())
  await store.commit([putRecord('token', { ...token, ...recognised([proof(['tok_y'], null)]) })])
  expect(await store.commit(writes)).toMatchObject({ kind: 'refused', reason: 'revision' })
})
