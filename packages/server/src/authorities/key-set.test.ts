import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import type { AuthorityAnswer } from './authority-fetch.ts'
import { KeySet } from './key-set.ts'

const header = (kid: string) => ({ alg: 'ES256', kid })
const token = { payload: '', signature: '' }

async function publicKey(kid: string): Promise<JWK> {
  const { publicKey: key } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(key)), kid, alg: 'ES256' }
}

/** An issuer that shows keys, or answers otherwise. */
async function start() {
  const clock = new ManualClock()
  const issuer: { says: AuthorityAnswer; whenAsked: () => Promise<void> } = {
    says: { kind: 'json', value: { keys: [await publicKey('one')] } },
    whenAsked: async () => {},
  }
  const fetch = {
    ask: async () => {
      const { says } = issuer
      await issuer.whenAsked()
      return says
    },
    close: async () => {},
  }
  const keys = new KeySet({ url: 'https://login.example.com/jwks', timeoutMs: 1_000, fetch, clock })
  /** Whether the answer holds the key. */
  const has = async (answer: Awaited<ReturnType<KeySet['current']>>, kid: string) => {
    if (answer.kind !== 'keys') return answer.kind
    try {
      return (await answer.keyOf(header(kid), token)) !== undefined
    } catch {
      return false
    }
  }
  return { clock, issuer, keys, has }
}
const down: AuthorityAnswer = { kind: 'unavailable', reason: 'timeout' }

test('keys are fetched when they are needed, and kept for five minutes', async () => {
  const { keys, has, clock } = await start()
  expect(keys.areOut).toBe(true)
  expect(await has(await keys.current(), 'one')).toBe(true)
  await clock.advance(299_999)
  await keys.current()
  expect(keys.fetches).toBe(1)
  await clock.advance(1)
  expect(keys.areOut).toBe(true)
  await keys.current()
  expect(keys.fetches).toBe(2)
})

test('a clock that is set back makes keys old: they would be trusted until it comes round again', async () => {
  const { keys, clock } = await start()
  await keys.current()
  clock.setBack(1)
  expect(keys.areOut).toBe(true)
})

test('many who need them at once wait for one fetch', async () => {
  const { keys, issuer } = await start()
  const held = Promise.withResolvers<void>()
  issuer.whenAsked = () => held.promise
  const answers = Promise.all([keys.current(), keys.current(), keys.after(0)])
  held.resolve()
  expect((await answers).map(({ kind }) => kind)).toEqual(['keys', 'keys', 'keys'])
  expect(keys.fetches).toBe(1)
})

test('what is no set of public keys brings none', async () => {
  const { keys, issuer, has, clock } = await start()
  for (const value of [null, {}, { keys: 'x' }, { keys: Array(101).fill({ kty: 'EC' }) }]) {
    issuer.says = { kind: 'json', value }
    expect(await keys.current()).toEqual({ kind: 'unavailable', reason: 'invalid_keys' })
    await clock.advance(1_000)
  }
  const secret = { kty: 'oct', k: 'c2VjcmV0', kid: 'secret', alg: 'ES256' }
  issuer.says = { kind: 'json', value: { keys: [secret, await publicKey('one'), null] } }
  const answer = await keys.current()
  expect([await has(answer, 'one'), await has(answer, 'secret')]).toEqual([true, false])
})

describe('an issuer that does not answer', () => {
  test('is left alone for a second, and the next try may bring the keys', async () => {
    const { keys, issuer, clock } = await start()
    const shown = issuer.says
    issuer.says = down
    expect(await keys.current()).toEqual({ kind: 'unavailable', reason: 'timeout' })
    expect([keys.isResting, await keys.current()]).toEqual([true, { kind: 'unavailable', reason: 'resting' }])
    expect(keys.fetches).toBe(1)
    issuer.says = shown
    await clock.advance(1_000)
    expect((await keys.current()).kind).toBe('keys')
  })

  test('leaves known keys good, while nothing can be said of others', async () => {
    const { keys, issuer, has, clock } = await start()
    const { fetch } = (await keys.current()) as { fetch: number }
    issuer.says = down
    expect(await keys.after(fetch)).toEqual({ kind: 'unavailable', reason: 'timeout' })
    expect(await has(await keys.current(), 'one')).toBe(true)
    expect(await keys.after(keys.fetches)).toEqual({ kind: 'unavailable', reason: 'resting' })
    await clock.advance(300_000)
    expect((await keys.current()).kind).toBe('unavailable')
  })
})

describe('a key that is not known', () => {
  test('may be a new one: the issuer is asked again, and a fetch that began since is enough', async () => {
    const { keys, issuer, has } = await start()
    const { fetch } = (await keys.current()) as { fetch: number }
    issuer.says = { kind: 'json', value: { keys: [await publicKey('two')] } }
    const answers = await Promise.all([keys.after(fetch), keys.after(fetch)])
    expect(await Promise.all(answers.map((answer) => has(answer as never, 'two')))).toEqual([true, true])
    expect(keys.fetches).toBe(2)
    expect((await keys.after(fetch)).kind).toBe('keys')
    expect(keys.fetches).toBe(2)
  })

  test('asked about too often is refused unasked, until the next question is due', async () => {
    const { keys, clock } = await start()
    await keys.current()
    const ask = async () => (await keys.after(keys.fetches)).kind
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['keys', 'keys', 'keys', 'spent'])
    expect(keys.fetches).toBe(4)
    await clock.advance(4_999)
    expect(await ask()).toBe('spent')
    await clock.advance(1)
    expect(await ask()).toBe('keys')
  })

  test('is not answered by a fetch that had begun before', async () => {
    const { keys, issuer, has } = await start()
    await keys.current()
    const held = Promise.withResolvers<void>()
    issuer.whenAsked = () => held.promise
    const before = keys.after(1)
    // The issuer rotates after it was asked, and before it answers.
    const rotated = await publicKey('two')
    issuer.says = { kind: 'json', value: { keys: [rotated] } }
    const after = keys.after(2)
    held.resolve()
    issuer.whenAsked = async () => {}
    expect(await has((await before) as never, 'two')).toBe(false)
    expect(await has((await after) as never, 'two')).toBe(true)
  })
})
