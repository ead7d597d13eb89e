import { expect, test } from 'vitest'
import { builtinCatalogue } from '../catalogue/builtin.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { tenantOf, tokenOf } from '../registry/fixtures/records.ts'
import { makeTestRegistry } from '../registry/fixtures/test-registry.ts'
import { putRecord } from '../registry/writes.ts'
import { TestDeliveries } from './test-deliveries.ts'

async function testDeliveries() {
  const { registry, directory, clock } = await makeTestRegistry()
  await registry.commit([putRecord('tenant', tenantOf(2)), putRecord('token', tokenOf('tok_1', 2))])
  const catalogue = builtinCatalogue(new Set(['standard']))
  const sent: StoredEvent[] = []
  const tests = new TestDeliveries({
    ...{ directory, clock, catalogue: () => catalogue },
    sender: {
      async test(_subscription, event) {
        sent.push(event)
        return { status: 204, error: null, durationMs: 3, body: '' }
      },
    },
  })
  return { tests, sent }
}

test('an event that the subscription asks for is sent, of a tenant that granted it, and what came back is told', async () => {
  const { tests, sent } = await testDeliveries()
  const subscription = sampleSubscription('standard', { boundTenantId: null, types: ['product.*'] })
  expect(await tests.test(subscription, 'product.updated')).toEqual({
    ...{ status: 204, error: null, durationMs: 3, body: '' },
  })
  await tests.test(subscription, undefined)
  await tests.test({ ...subscription, boundTenantId: 7 }, undefined)
  expect(sent.map(({ type, tenantId }) => [type.split('.')[0], tenantId])).toEqual([
    ['product', 2],
    ['product', 2],
    ['product', 7],
  ])
  expect(sent[0]!.type).toBe('product.updated')
})

test('a type that its dialect cannot name is refused, and nothing is sent', async () => {
  const { tests, sent } = await testDeliveries()
  const refused = tests.test(sampleSubscription('standard', { boundTenantId: null }), 'no.such')
  await expect(refused).rejects.toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/type' }] })
  expect(sent).toEqual([])
})
