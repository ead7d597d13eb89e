import { expect, test } from 'vitest'
import { entityOf } from './event-type.ts'

test.each([
  ['invoice.updated', 'invoice'],
  ['access-token.expiring', 'access-token'],
  ['a.b', 'a'],
])('%s is of the entity %s', (type, entity) => {
  expect(entityOf(type)).toBe(entity)
})
