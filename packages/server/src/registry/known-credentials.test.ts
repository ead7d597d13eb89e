import { expect, test } from 'vitest'
import { authenticate } from './authenticate.ts'
import { makeTestRegistry, testPeppers } from './fixtures/test-registry.ts'
import { KnownCredentials } from './known-credentials.ts'

test('credentials are compared with the operator’s key, if there is one, and with the registry as it is now', async () => {
  const { directory, clock } = await makeTestRegistry()
  const known = (adminKey: string) => new KnownCredentials(directory, clock, { peppers: testPeppers, adminKey })
  const own = known('the-operator’s-key')
  expect(authenticate('Bearer the-operator’s-key', own.context())).toEqual({ kind: 'operator' })
  expect(authenticate('Bearer another', own.context())).toMatchObject({ kind: 'none' })
  expect(authenticate('Bearer the-operator’s-key', known('').context())).toMatchObject({ kind: 'none' })
  const { nowMs } = own.context()
  await clock.advance(10)
  expect(own.context().nowMs).toBe(nowMs + 10)
})
