import { expect, test } from 'vitest'
import { sampleSubscription } from '../dialects/samples.ts'
import { deletionsOf } from './deletion-writes.ts'
import { tenantOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { dropRecord, putRecord } from './writes.ts'

test('the number of each subscription that a commit deletes is kept with it, and of nothing else', async () => {
  const { registry, directory } = await makeTestRegistry()
  const [one, two] = [3, 5].map((number) => sampleSubscription('standard', { id: `sub_${number}`, number }))
  await registry.commit([
    ...[one!, two!].map((each) => putRecord('subscription', each)),
    putRecord('tenant', tenantOf(1)),
  ])
  const writes = [
    dropRecord('subscription', 'sub_3'),
    putRecord('subscription', { ...two!, description: 'changed' }),
    dropRecord('subscription', 'sub_unknown'),
    dropRecord('tenant', '1'),
  ]
  expect(deletionsOf(writes, directory, registry.now())).toEqual([
    putRecord('deletedSubscription', { number: 3, deletedAt: '2026-01-01T00:00:00.000Z' }),
  ])
})
