import { expect, test } from 'vitest'
import type { Caller } from '../core/credential/caller.ts'
import { visibleTypes } from '../core/event/visible-types.ts'
import { CredentialChanges } from './credential-changes.ts'
import { createdAt, integrationOf, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import type { RegistryWrite } from './registry-store.ts'
import { dropRecord, putRecord } from './writes.ts'

const key = { id: 'key_1', kind: 'pub' as const, name: null, hash: 'h', createdAt }
const credential = { clientId: null, hash: 'h' }
const session = { id: 'ses_1', credential, portal: null, createdAt, expiresAt: createdAt }
const integrator = (tokenId: string | null): Caller => ({
  ...{ kind: 'integrator', integrationId: 'int_1', tenantId: tokenId === null ? null : 7 },
  token: tokenId === null ? null : { id: tokenId, types: null },
})
const changes: Record<string, RegistryWrite> = {
  'its token': dropRecord('token', 'tok_1'),
  'another token': dropRecord('token', 'tok_2'),
  'its integration': putRecord('integration', { ...integrationOf('int_1'), secretHash: 'other' }),
  'another integration': putRecord('integration', integrationOf('int_2')),
  'a key': dropRecord('key', 'key_1'),
  'a session': dropRecord('session', 'ses_1'),
  'a tenant': putRecord('tenant', tenantOf(9)),
}

test.each<[string, Caller, string[]]>([
  ['a token', integrator('tok_1'), ['its token', 'a session']],
  ['an integration’s own credentials', integrator(null), ['its integration', 'a key', 'a session']],
  ['the operator', { kind: 'operator' }, ['a key', 'a session']],
  ['a publisher', { kind: 'publisher' }, ['a key', 'a session']],
  ['a portal', { kind: 'portal', keyId: 'key_1', integrationId: 'int_1' }, ['a key', 'a session']],
])('who came with %s is woken by %j changing, and by nothing else', async (_, caller, wakers) => {
  const { registry, directory } = await makeTestRegistry()
  await registry.commit([
    ...['tok_1', 'tok_2'].map((id) => putRecord('token', tokenOf(id, 7))),
    putRecord('integration', integrationOf('int_1')),
    putRecord('key', key),
    putRecord('session', session),
  ])
  const woken: string[] = []
  let current = ''
  const cancel = new CredentialChanges(directory).onChanged(caller, () => woken.push(current))
  for (const [name, write] of Object.entries(changes)) {
    current = name
    await registry.commit([write])
  }
  expect(woken).toEqual(wakers)
  cancel()
  for (const write of Object.values(changes)) await registry.commit([write])
  expect(woken).toEqual(wakers)
})

test('a commit of many changes wakes once', async () => {
  const { registry, directory } = await makeTestRegistry()
  let woken = 0
  new CredentialChanges(directory).onChanged(integrator('tok_1'), () => {
    woken += 1
  })
  await registry.commit([tenantOf(1), tenantOf(2)].map((tenant) => putRecord('tenant', tenant)))
  expect(woken).toBe(0)
  await registry.commit([putRecord('tenant', tenantOf(3)), putRecord('token', tokenOf('tok_1', 3))])
  expect(woken).toBe(1)
})

test('who came with a recognised token is woken when that is good no more', async () => {
  const { directory } = await makeTestRegistry()
  let woken = 0
  const cancel = new CredentialChanges(directory).onChanged(integrator('tok_1'), () => {
    woken += 1
  })
  const live = (id: string) => ({ token: tokenOf(id, 7), expiresAtMs: null, types: visibleTypes(null) })
  for (const id of ['tok_1', 'tok_2']) directory.recognised.put(live(id))
  directory.recognised.delete('tok_2')
  expect(woken).toBe(0)
  directory.recognised.delete('tok_1')
  expect(woken).toBe(1)
  cancel()
  directory.recognised.put(live('tok_1'))
  directory.recognised.delete('tok_1')
  expect(woken).toBe(1)
})
