import { expect, test } from 'vitest'
import { provenGrant, recognisedGrantId, recognisedTokenId } from './recognised-grant.ts'

const parties = { authority: 'accounts', integrationId: 'int_1', tenantId: 7 }
const rules = { lastsMs: 60_000, sealedToken: 'v1.x', createdAt: '2026-01-01T00:00:00.000Z', earlier: [] }
const noon = Date.UTC(2026, 0, 1, 12)

test('a grant has one id, whichever token proves it', () => {
  expect(recognisedGrantId(parties)).toMatch(/^tok_[0-9A-Za-z]{22}$/)
  expect(recognisedGrantId({ ...parties })).toBe(recognisedGrantId(parties))
  const others = [{ authority: 'b' }, { integrationId: 'int_2' }, { tenantId: 8 }]
  const ids = others.map((other) => recognisedGrantId({ ...parties, ...other }))
  expect(new Set([...ids, recognisedGrantId(parties), recognisedTokenId('00')]).size).toBe(5)
})

test('it shows what any of its tokens shows, and outlasts the last of them', () => {
  const grant = provenGrant(
    parties,
    [
      { tokenId: 'tok_a', names: ['a'], types: ['order.*', 'invoice.*'], expiresAtMs: noon + 1_000 },
      { tokenId: 'tok_b', names: ['b', 'jti'], types: ['invoice.*'], expiresAtMs: noon },
    ],
    rules,
  )
  expect(grant).toEqual({
    ...{ id: recognisedGrantId(parties), integrationId: 'int_1', tenantId: 7 },
    hash: `grant ${recognisedGrantId(parties)}`,
    types: ['invoice.*', 'order.*'],
    expiresAt: '2026-01-01T12:01:01.000Z',
    createdAt: rules.createdAt,
    recognised: {
      authority: 'accounts',
      token: 'v1.x',
      tokenId: 'tok_b',
      tokenExpiresAt: '2026-01-01T12:00:00.000Z',
      proofs: [
        { names: ['a'], expiresAt: '2026-01-01T12:00:01.000Z' },
        { names: ['b', 'jti'], expiresAt: '2026-01-01T12:00:00.000Z' },
      ],
    },
  })
})

test('a token that shows everything, or of which nobody says when it ends, wins', () => {
  const grant = provenGrant(
    parties,
    [
      { tokenId: 'tok_a', names: ['a'], types: null, expiresAtMs: null },
      { tokenId: 'tok_b', names: ['b', 'jti'], types: ['invoice.*'], expiresAtMs: noon },
    ],
    rules,
  )
  expect(grant).toMatchObject({ types: null, expiresAt: null })
  const endless = provenGrant(parties, [{ tokenId: 'tok_a', names: ['a'], types: null, expiresAtMs: 1e300 }], rules)
  expect(endless).toMatchObject({ expiresAt: null, recognised: { tokenExpiresAt: null } })
})

test('it keeps the names of the newest hundred tokens that proved it, each once', () => {
  const earlier = Array.from({ length: 120 }, (_, index) => ({ names: [`n${index}`], expiresAt: null }))
  const proof = { tokenId: 'tok_a', names: ['n119'], types: null, expiresAtMs: null }
  const { recognised } = provenGrant(parties, [proof, { ...proof, names: ['new'] }], { ...rules, earlier })
  const names = recognised!.proofs!.flatMap((each) => each.names)
  expect(names).toHaveLength(100)
  expect(names.slice(-3)).toEqual(['n118', 'n119', 'new'])
})
