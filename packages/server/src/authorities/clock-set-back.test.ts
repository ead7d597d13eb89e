import { expect, test } from 'vitest'
import { KeySet } from './key-set.ts'
import { AuthorityRest } from './rest.ts'

/** A clock that somebody sets. */
const settable = () => {
  const clock = { nowMs: 1_800_000_000_000, now: () => clock.nowMs }
  return clock
}

test('a rest does not last until a clock that was set back comes round again', () => {
  const clock = settable()
  const rest = new AuthorityRest(clock)
  rest.begin()
  expect(rest.isOver).toBe(false)
  clock.nowMs -= 3_600_000
  expect(rest.isOver).toBe(true)
})

test('keys are fetched anew when the clock was set back: nobody knows how old they are', async () => {
  const clock = settable()
  const fetch = { ask: async () => ({ kind: 'json' as const, value: { keys: [] } }), close: async () => {} }
  const keys = new KeySet({ url: 'https://issuer.example.com/', timeoutMs: 1_000, fetch, clock })
  await keys.current()
  await keys.current()
  expect(keys.fetches).toBe(1)
  clock.nowMs -= 3_600_000
  expect(keys.areOut).toBe(true)
  await keys.current()
  expect(keys.fetches).toBe(2)
})
