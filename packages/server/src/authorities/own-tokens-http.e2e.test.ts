import { describe, expect, test } from 'vitest'
import { claims, feed, patience, startOwnTokens, statusOf } from './fixtures/own-tokens.ts'

describe('over HTTP', () => {
  test('a JWT of the issuer reads its tenant, and no other', async () => {
    const own = await startOwnTokens()
    await own.publish('1')
    await own.publish('2', { tenantId: 29303 })
    const token = await own.local.sign(claims)
    const { status, json } = await own.call('GET', feed, token)
    expect(status).toBe(200)
    expect(json.events.map(({ entityId }: { entityId: string }) => entityId)).toEqual(['1'])
  })

  test('an opaque token shows the types that it names', async () => {
    const own = await startOwnTokens()
    await own.publish('1')
    await own.publish('2', { type: 'order.created' })
    const token = own.opaque('opaque-1')
    expect((await own.call('GET', feed, token)).json.events).toHaveLength(1)
    expect((await own.call('GET', '/v1/topics/orders/events', token)).json.events).toEqual([])
  })

  test('what is forged, expired, or of another issuer or audience is refused', async () => {
    const own = await startOwnTokens()
    const seconds = Math.floor(own.clock.now() / 1_000)
    const good = await own.local.sign(claims)
    const [, body, signature] = good.split('.')
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const wrong = [
      `${header({ alg: 'none' })}.${body}.`,
      `${header({ alg: 'HS256', kid: 'key-1' })}.${body}.${signature}`,
      await own.local.sign({ ...claims, iss: 'https://evil.example.com/' }),
      await own.local.sign({ ...claims, aud: 'https://other.example.com' }),
      await own.local.sign({ ...claims, exp: seconds - 1 }),
      await own.local.sign({ ...claims, nbf: seconds + 60 }),
      await own.local.sign({ ...claims, tenant_id: 404 }),
      await own.local.sign({ ...claims, client_id: 'nobody' }),
      'unknown-opaque',
    ]
    for (const token of wrong) expect(await statusOf(own, token)).toBe(401)
    expect(await statusOf(own, good)).toBe(200)
    expect((await own.operate('GET', `/v1/integrations/${own.integrationId}/tokens`)).items).toHaveLength(1)
  })

  test('an expired token is refused from its last moment on', async () => {
    const own = await startOwnTokens()
    const exp = Math.floor(own.clock.now() / 1_000) + 60
    const tokens = [await own.local.sign({ ...claims, exp }), own.opaque('short', { exp })]
    for (const token of tokens) expect(await statusOf(own, token)).toBe(200)
    await own.clock.advance(60_000)
    for (const token of tokens) expect(await statusOf(own, token)).toBe(401)
  })

  test('a revoked token is refused within seconds, without anybody asking for it', async () => {
    const own = await startOwnTokens()
    const token = own.opaque('to-be-revoked')
    expect(await statusOf(own, token)).toBe(200)
    own.local.opaque.delete(token)
    await own.clock.advance(7_000)
    await expect.poll(() => statusOf(own, token), patience).toBe(401)
  })

  test('an authority that is down refuses new tokens by 503 and leaves the known ones be', async () => {
    const own = await startOwnTokens()
    const known = [await own.local.sign(claims), own.opaque('known')]
    for (const token of known) expect(await statusOf(own, token)).toBe(200)
    own.local.isDown = true
    await own.clock.advance(400_000)
    for (const token of known) expect(await statusOf(own, token)).toBe(200)
    const fresh = [await own.local.sign({ ...claims, jti: '2' }), own.opaque('fresh')]
    for (const token of fresh) {
      const answer = await own.call('GET', feed, token)
      expect(answer.status).toBe(503)
      expect(answer.json.code).toBe('authority_unavailable')
      expect(answer.headers.get('retry-after')).toBe('2')
    }
    await own.clock.advance(3_600_000)
    for (const token of known) expect(await statusOf(own, token)).not.toBe(200)
    own.local.isDown = false
    await own.clock.advance(6_000)
    own.opaque('fresh')
    for (const token of [await own.local.sign({ ...claims, jti: '3' }), 'fresh']) {
      expect(await statusOf(own, token)).toBe(200)
    }
  })

  test('a rotation while the keys cannot be had costs nobody anything, and strangers cause no 5xx', async () => {
    const own = await startOwnTokens()
    expect(await statusOf(own, await own.local.sign(claims))).toBe(200)
    for (let index = 0; index < 10; index++) {
      const made = await own.local.sign(claims, { kid: `made-up-${index}` })
      expect(await statusOf(own, made)).toBe(401)
    }
    await own.clock.advance(60_000)
    own.local.instead = { status: 500, body: '' }
    await own.local.rotate()
    const token = await own.local.sign(claims)
    // More often than wrong keys are let through in a minute.
    for (let index = 0; index < 25; index++) {
      const { status, json } = await own.call('GET', feed, await own.local.sign({ ...claims, jti: `${index}` }))
      expect([status, json.code]).toEqual([503, 'authority_unavailable'])
    }
    expect(await statusOf(own, token)).toBe(503)
    own.local.instead = null
    await own.clock.advance(1_000)
    expect(await statusOf(own, token)).toBe(200)
  })

  test('tokens that come while an introspecting authority is down are not counted either', async () => {
    const own = await startOwnTokens()
    own.local.isDown = true
    for (let index = 0; index < 25; index++) expect(await statusOf(own, own.opaque(`good-${index}`))).toBe(503)
    own.local.isDown = false
    await own.clock.advance(1_000)
    expect(await statusOf(own, 'good-1')).toBe(200)
    expect(await statusOf(own, 'wrong')).toBe(401)
  })

  test('many requests with one new token ask once, and wrong ones cost few questions', async () => {
    const own = await startOwnTokens()
    const token = own.opaque('busy')
    const statuses = await Promise.all(Array.from({ length: 30 }, () => statusOf(own, token)))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(own.local.questions.filter((asked) => asked === token)).toHaveLength(1)

    const wrong = await Promise.all(Array.from({ length: 10 }, () => statusOf(own, 'wrong')))
    expect(new Set(wrong)).toEqual(new Set([401]))
    expect(own.local.questions.filter((asked) => asked === 'wrong')).toHaveLength(1)

    const guesses = await Promise.all(Array.from({ length: 200 }, (_, index) => statusOf(own, `guess-${index}`)))
    expect(guesses).toContain(429)
    // The limit of twenty a minute, and those that were under way when it was reached.
    expect(own.local.questions.filter((asked) => asked.startsWith('guess')).length).toBeLessThanOrEqual(30)
    expect(await statusOf(own, token)).toBe(200)
  })

  test('keys of Tidings never travel to an authority', async () => {
    const own = await startOwnTokens()
    await statusOf(own, 'operator-of-the-tests', '/v1/tenants')
    await statusOf(own, 'tid_at_000000000000000000000000000_000000')
    await own.callAs(`Basic ${Buffer.from('payroll:wrong').toString('base64')}`, 'GET', feed)
    expect(own.local.questions).toEqual([])
  })

  test('an open stream of server-sent events ends with its token', async () => {
    const own = await startOwnTokens()
    const token = own.opaque('sse')
    const response = await fetch(`${own.url}/v1/stream?topics=invoices`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(response.status).toBe(200)
    own.local.opaque.delete(token)
    await own.clock.advance(7_000)
    await expect.poll(() => statusOf(own, token), patience).toBe(401)
    await own.clock.advance(3_000)
    const text = await response.text()
    expect(text).toContain(': tidings')
  })
})
