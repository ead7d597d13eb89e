import { expect, test } from 'vitest'
import { integrationOf, nowMs, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { grantsOf } from './grants.ts'
import { putRecord } from './writes.ts'

test('grants are those of the moment at which they are asked for', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  await registry.commit([
    ...[tenantOf(1), tenantOf(2, 1)].map((tenant) => putRecord('tenant', tenant)),
    putRecord('integration', integrationOf('int_1')),
    putRecord('token', tokenOf('tok_1', 1, { types: ['invoice.*'], expiresAt: new Date(nowMs + 10).toISOString() })),
  ])
  const grants = grantsOf(directory, clock)
  const seen = () => ({
    direct: [1, 2].filter((id) => grants.direct('int_1', id)?.allows('invoice.updated')),
    inherited: [1, 2].filter((id) => grants.inherited('int_1', id)?.allows('invoice.updated')),
    integrations: [...grants.integrationsOf(1)],
    token: grants.ofToken('tok_1')?.allows('invoice.updated'),
  })
  expect(seen()).toEqual({ direct: [1], inherited: [1, 2], integrations: ['int_1'], token: true })
  expect(grants.ofToken('tok_1')?.allows('order.created')).toBe(false)
  expect([...grants.lineage(2)]).toEqual([2, 1])
  await clock.advance(10)
  expect(seen()).toEqual({ direct: [], inherited: [], integrations: [], token: undefined })
})
