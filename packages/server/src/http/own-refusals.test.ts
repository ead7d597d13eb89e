import { expect, test } from 'vitest'
import type { Refuse } from '../dialects/contract/answers.ts'
import { OwnRefusals } from './own-refusals.ts'

test('a URL below a prefix is refused in its contract’s shape, and no other', () => {
  const refusals = new OwnRefusals()
  const [first, second]: Refuse[] = [() => {}, () => {}]
  refusals.add('/api/v2', first!)
  refusals.add('/webhooks.json', second!)
  expect(['/api/v2', '/api/v2/', '/api/v2/x?y', '/api/v2?x', '/webhooks.json'].map((url) => refusals.of(url))).toEqual([
    first,
    first,
    first,
    first,
    second,
  ])
  for (const url of ['/api/v22', '/api/v2x/y', '/api', '/', '/other/api/v2']) expect(refusals.of(url)).toBeUndefined()
})
