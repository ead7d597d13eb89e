import { expect, onTestFinished, test } from 'vitest'
import { RateLimit } from '../core/limit/rate-limit.ts'
import { tenantOf, tokenOf } from '../registry/fixtures/records.ts'
import { makeTestRegistry, testPeppers } from '../registry/fixtures/test-registry.ts'
import { createIntegration } from '../registry/integrations.ts'
import { KnownCredentials } from '../registry/known-credentials.ts'
import type { Recognition } from '../registry/recogniser.ts'
import { putRecord } from '../registry/writes.ts'
import { WrongKeyLimit } from '../registry/wrong-key-limit.ts'
import { createApp } from './app.ts'
import { Callers } from './callers.ts'

const operatorKey = 'the-key-of-the-operator'

/** A server with one route, which says who called it. */
async function serverOf(recognises: Readonly<Record<string, Recognition>> = {}) {
  const { registry, directory, clock } = await makeTestRegistry()
  const { id: integrationId } = await createIntegration(registry, { name: 'one' })
  const token = (id: string, text: string) =>
    putRecord('token', tokenOf(id, 1, { integrationId, hash: registry.hash(text) }))
  await registry.commit([putRecord('tenant', tenantOf(1)), token('tok_1', 'good')])
  const noSession = { kind: 'none', reason: 'wrong' } as const
  const callers = new Callers({
    ...{ directory, clock },
    known: new KnownCredentials(directory, clock, { peppers: testPeppers, adminKey: operatorKey }),
    sessions: { known: () => noSession, authenticate: () => noSession },
    recogniser: {
      async recognise(text) {
        const recognition = recognises[text] ?? 'refused'
        if (recognition === 'known') await registry.commit([token('tok_2', text)])
        return recognition
      },
    },
    wrongKeys: new WrongKeyLimit(1),
    requests: new RateLimit({ ratePerSecond: 1, burst: 2 }),
  })
  const app = createApp({ trustProxies: [], guard: callers, onRequestDone: () => {}, onFailure: () => {} })
  app.get('/who', { config: { callers: ['operator', 'integrator'] } }, async ({ caller }) => ({ caller }))
  app.get('/known', async (request) => ({ isKnown: callers.isKnown(request) }))
  onTestFinished(() => app.close())
  const get = async (url: string, key?: string) => {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
    return (await app.inject({ url, headers })).json()
  }
  return {
    integrationId,
    who: (key?: string) => get('/who', key),
    isKnown: async (key?: string) => (await get('/known', key)).isKnown,
  }
}

test('the operator is known by the key of the configuration, an integration by its token', async () => {
  const { who, isKnown, integrationId } = await serverOf()
  expect(await who(operatorKey)).toEqual({ caller: { kind: 'operator' } })
  expect(await who('good')).toMatchObject({ caller: { kind: 'integrator', integrationId, tenantId: 1 } })
  expect([await isKnown('good'), await isKnown('wrong'), await isKnown()]).toEqual([true, false, false])
})

test('without a key nobody is let in, and wrong ones are counted by address', async () => {
  const { who } = await serverOf()
  expect(await who()).toMatchObject({ code: 'unauthorized' })
  expect(await who('wrong')).toMatchObject({ code: 'unauthorized' })
  expect(await who('wrong')).toMatchObject({ code: 'rate_limited' })
  expect(await who('good')).toMatchObject({ caller: { kind: 'integrator' } })
})

test('a token that an authority vouches for is known from then on', async () => {
  const { who, isKnown } = await serverOf({ theirs: 'known', later: 'unavailable' })
  expect(await isKnown('theirs')).toBe(false)
  expect(await who('theirs')).toMatchObject({ caller: { kind: 'integrator', token: { id: 'tok_2' } } })
  expect(await isKnown('theirs')).toBe(true)
  expect(await who('later')).toMatchObject({ code: 'authority_unavailable' })
})

test('an integration that asks too often has to wait; the operator never has', async () => {
  const { who } = await serverOf()
  for (let count = 0; count < 2; count++) expect(await who('good')).toHaveProperty('caller')
  expect(await who('good')).toMatchObject({ code: 'rate_limited' })
  for (let count = 0; count < 5; count++) expect(await who(operatorKey)).toHaveProperty('caller')
})
