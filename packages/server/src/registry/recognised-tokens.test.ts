import { expect, test } from 'vitest'
import { visibleTypes } from '../core/event/visible-types.ts'
import { tokenOf } from './fixtures/records.ts'
import { RecognisedTokens } from './recognised-tokens.ts'

const live = (id: string, types: readonly string[] | null = null) => ({
  ...{ token: tokenOf(id, 7, { types }), expiresAtMs: null, types: visibleTypes(types) },
})

test('a token is found by its hash and its id until it is deleted', () => {
  const tokens = new RecognisedTokens()
  tokens.put(live('tok_1'))
  expect([tokens.get('tok_1')?.token.id, tokens.withHash('hash of tok_1')?.token.id]).toEqual(['tok_1', 'tok_1'])
  tokens.delete('tok_1')
  expect([tokens.get('tok_1'), tokens.withHash('hash of tok_1')]).toEqual([undefined, undefined])
})

test('who listens is told of a token that is gone or shows something else, and not of a new one', () => {
  const tokens = new RecognisedTokens()
  const told: string[] = []
  const cancel = tokens.onChanged((id) => told.push(`${id} ${tokens.get(id)?.types.key ?? 'gone'}`))
  tokens.put(live('tok_1'))
  expect(told).toEqual([])
  tokens.put(live('tok_1', ['order.*']))
  tokens.delete('tok_1')
  tokens.delete('tok_1')
  expect(told).toEqual(['tok_1 ["order.*"]', 'tok_1 gone'])
  cancel()
  tokens.put(live('tok_2'))
  tokens.delete('tok_2')
  expect(told).toHaveLength(2)
})
