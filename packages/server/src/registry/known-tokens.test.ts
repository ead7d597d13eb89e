import { expect, test } from 'vitest'
import { visibleTypes } from '../core/event/visible-types.ts'
import type { Authority } from './authority.ts'
import { tokenOf } from './fixtures/records.ts'
import { type KnownToken, KnownTokens } from './known-tokens.ts'
import { RecognisedTokens } from './recognised-tokens.ts'

const known = (id: string, grantId = 'grant_1'): KnownToken => ({
  ...{ live: { token: tokenOf(id, 7), expiresAtMs: null, types: visibleTypes(null) }, text: id, grantId },
  ...{ authority: {} as Authority, parties: { authority: 'own', integrationId: 'int_1', tenantId: 7 } },
  ...{ names: { kept: [], all: [] }, goodUntilMs: 1, checkedAtMs: 0, isShown: false },
})
const textsOf = (tokens: Iterable<KnownToken>) => [...tokens].map(({ text }) => text)

function start() {
  const recognised = new RecognisedTokens()
  return { recognised, tokens: new KnownTokens(recognised) }
}

test('a token is of its grant at once, and for requests only once its grant is durable', () => {
  const { recognised, tokens } = start()
  const token = known('tok_1')
  tokens.add(token)
  expect([textsOf(tokens.ofGrant('grant_1')), recognised.get('tok_1')]).toEqual([['tok_1'], undefined])
  expect(tokens.show(token)).toBe(true)
  expect(recognised.get('tok_1')).toBe(token.live)
  tokens.remove(token)
  expect([recognised.get('tok_1'), tokens.has(token), tokens.ofGrant('grant_1'), tokens.size]).toEqual([
    ...[undefined, false, [], 0],
  ])
})

test('one that was removed before it was shown is shown no more', () => {
  const { recognised, tokens } = start()
  const token = known('tok_1')
  tokens.add(token)
  tokens.remove(token)
  expect(tokens.show(token)).toBe(false)
  expect(recognised.get('tok_1')).toBeUndefined()
})

test('past a hundred of one grant its oldest goes, and no other grant’s', () => {
  const { tokens } = start()
  tokens.add(known('other', 'grant_2'))
  for (let index = 0; index < 102; index++) tokens.add(known(`tok_${index}`))
  const texts = textsOf(tokens.ofGrant('grant_1'))
  expect([texts.length, texts[0], texts.at(-1)]).toEqual([100, 'tok_2', 'tok_101'])
  expect(textsOf(tokens.ofGrant('grant_2'))).toEqual(['other'])
  expect([tokens.size, textsOf(tokens.values()).length]).toEqual([101, 101])
})
