import { expect, test } from 'vitest'
import { createdAt, nowMs, tenantOf, tokenOf } from '../fixtures/records.ts'
import { makeTestRegistry } from '../fixtures/test-registry.ts'
import type { Recognition } from '../recogniser.ts'
import { putRecord } from '../writes.ts'
import { Credentials } from './credentials.ts'

async function credentialsOf(recognise: (text: string, address: string) => Promise<Recognition>) {
  const { registry, clock } = await makeTestRegistry()
  const integration = {
    ...{ id: 'int_1', name: 'one', clientId: 'client', createdAt },
    secretHash: registry.hash('its secret'),
  }
  const token = (id: string, text: string, expiresAt: string | null = null) =>
    putRecord('token', tokenOf(id, 1, { hash: registry.hash(text), types: ['invoice.*'], expiresAt }))
  await registry.commit([
    putRecord('tenant', tenantOf(1)),
    putRecord('integration', integration),
    token('tok_1', 'good'),
    token('tok_2', 'short', new Date(nowMs + 10).toISOString()),
  ])
  const asked: string[] = []
  const recogniser = {
    async recognise(text: string, address: string) {
      asked.push(`${text} ${address}`)
      const recognition = await recognise(text, address)
      if (recognition === 'known') await registry.commit([token('tok_3', text)])
      return recognition
    },
  }
  return { credentials: new Credentials(registry, recogniser, clock), clock, asked }
}

test('a token of the registry is known at once, with whom it belongs to and what it shows', async () => {
  const { credentials, asked } = await credentialsOf(async () => 'refused')
  const grant = await credentials.grantOf('good', '192.0.2.1')
  expect(grant).toMatchObject({
    ...{ tokenId: 'tok_1', integrationId: 'int_1', tenantId: 1, expiresAtMs: null },
    owner: { kind: 'integrator', integrationId: 'int_1', tenantId: 1, token: { id: 'tok_1', types: ['invoice.*'] } },
  })
  expect(['invoice.updated', 'order.updated'].map((type) => grant!.allows(type))).toEqual([true, false])
  expect(credentials.grantWithId('tok_1')).toMatchObject({ tokenId: 'tok_1' })
  expect(asked).toEqual([])
})

test('one that has expired is good no more, by its text as by its id', async () => {
  const { credentials, clock } = await credentialsOf(async () => 'refused')
  expect(await credentials.grantOf('short', '192.0.2.1')).toMatchObject({ expiresAtMs: nowMs + 10 })
  await clock.advance(10)
  expect(await credentials.grantOf('short', '192.0.2.1')).toBeUndefined()
  expect(credentials.grantWithId('tok_2')).toBeUndefined()
})

test('of another one the authorities are asked, with the address of who sent it', async () => {
  const { credentials, asked } = await credentialsOf(async (text) => (text === 'theirs' ? 'known' : 'refused'))
  expect(await credentials.grantOf('theirs', '192.0.2.1')).toMatchObject({ tokenId: 'tok_3' })
  expect(await credentials.grantOf('nobody’s', '192.0.2.2')).toBeUndefined()
  expect(asked).toEqual(['theirs 192.0.2.1', 'nobody’s 192.0.2.2'])
})

test('while no authority can be asked, nobody is told that the token is wrong', async () => {
  const { credentials } = await credentialsOf(async () => 'unavailable')
  await expect(credentials.grantOf('theirs', '192.0.2.1')).rejects.toMatchObject({ code: 'authority_unavailable' })
})

test('a client secret is good for its own integration alone', async () => {
  const { credentials } = await credentialsOf(async () => 'refused')
  expect(credentials.isClientSecret('int_1', 'its secret')).toBe(true)
  expect(credentials.isClientSecret('int_1', 'another')).toBe(false)
  expect(credentials.isClientSecret('int_2', 'its secret')).toBe(false)
})
