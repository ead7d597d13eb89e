import { expect, test } from 'vitest'
import { nearestName } from './nearest-name.ts'

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
