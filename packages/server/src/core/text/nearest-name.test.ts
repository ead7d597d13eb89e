import { expect, test } from 'vitest'
import { nearestName, nearestNames } from './nearest-name.ts'

const known = ['TIDINGS_PORT', 'TIDINGS_HOST', 'TIDINGS_ALLOW_PORTS', 'TIDINGS_ALLOW_HTTP']

test.each([
  ['TIDINGS_PROT', 'TIDINGS_PORT'],
  ['TIDINGS_POR', 'TIDINGS_PORT'],
  ['TIDINGS_HOSTS', 'TIDINGS_HOST'],
  ['tidings_allow_http', 'TIDINGS_ALLOW_HTTP'],
  ['TIDINGS_ALLOWPORT', 'TIDINGS_ALLOW_PORTS'],
  ['TIDINGS_COMPLETELY_ELSE', undefined],
  ['x', undefined],
])('%s means %s', (given, name) => {
  expect(nearestName(given, known)).toBe(name)
})

const events = ['product.create', 'product.update', 'project.create', 'customer.create', 'order_state_changed_to_paid']

test.each([
  ['prodct.update', 'product.update'],
  ['product.sold', 'product.create'],
  ['proejct.create', 'project.create'],
  ['Customers.create', 'customer.create'],
  ['order.paid', 'order_state_changed_to_paid'],
])('%s is nearest to %s', (given, name) => {
  const near = nearestNames(given, events, 2)
  expect(near).toHaveLength(2)
  expect(near[0]).toBe(name)
})
