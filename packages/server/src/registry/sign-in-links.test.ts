import { expect, test } from 'vitest'
import { readKey } from '../core/credential/key.ts'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createSignInLink, followSignInLink, signInLinkWith } from './sign-in-links.ts'

const of = { credential: { clientId: null, hash: 'a' }, portal: null }

test('a link becomes one session, and its secret is kept by its hash', async () => {
  const { registry, directory } = await makeTestRegistry()
  const { link, secret } = await createSignInLink(registry, of, 60)
  expect(readKey(secret)).toEqual({ kind: 'link' })
  expect(JSON.stringify([...directory.signInLinks.values()])).not.toContain(secret)
  expect(signInLinkWith(registry, secret)).toEqual(link)
  const session = await followSignInLink(registry, secret)
  expect(session).toMatchObject(of)
  expect(directory.sessions.get(session!.id)).toEqual(session)
  expect(await followSignInLink(registry, secret)).toBeUndefined()
  expect(directory.signInLinks.size).toBe(0)
})

test('of those who follow it at once, on two nodes, one gets in', async () => {
  const store = makeMemoryRegistryStore()
  const one = await makeTestRegistry({ store })
  const other = await makeTestRegistry({ store })
  const { secret } = await createSignInLink(one.registry, of, 60)
  await other.directory.refresh()
  const followed = await Promise.all([one, other, one, other].map(({ registry }) => followSignInLink(registry, secret)))
  expect(followed.filter((session) => session !== undefined)).toHaveLength(1)
  expect(one.directory.sessions.size).toBe(1)
})

test('a link ends, and what has ended goes with the next one', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  const { secret } = await createSignInLink(registry, of, 60)
  await clock.advance(60_000)
  expect(await followSignInLink(registry, secret)).toBeUndefined()
  const { link } = await createSignInLink(registry, of, 60)
  expect([...directory.signInLinks.values()]).toEqual([link])
})

test('a link is known under every master key of the server', async () => {
  const store = makeMemoryRegistryStore()
  const before = await makeTestRegistry({ store, peppers: [Buffer.alloc(32, 1)] })
  const { secret } = await createSignInLink(before.registry, of, 60)
  const after = await makeTestRegistry({ store, peppers: [Buffer.alloc(32, 2), Buffer.alloc(32, 1)] })
  expect(await followSignInLink(after.registry, secret)).toBeDefined()
})
