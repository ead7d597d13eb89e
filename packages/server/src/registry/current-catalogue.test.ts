import { expect, test } from 'vitest'
import { builtinCatalogue } from '../catalogue/builtin.ts'
import { followCatalogue } from './current-catalogue.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { dropRecord, putRecord } from './writes.ts'

const added = (type: string) => putRecord('eventType', { type, definition: { type, topic: 'orders' } })

test('types that operators add or take away are in the catalogue at once, those of before it began too', async () => {
  const { registry, directory } = await makeTestRegistry()
  const base = builtinCatalogue()
  await registry.commit([added('crate.opened')])
  const current = followCatalogue(base, directory)
  expect(current().find('crate.opened')).toMatchObject({ topic: 'orders' })
  await registry.commit([added('crate.closed')])
  expect(current().find('crate.closed')).toBeDefined()
  await registry.commit([dropRecord('eventType', 'crate.closed'), dropRecord('eventType', 'crate.opened')])
  expect(current()).toBe(base)
})
