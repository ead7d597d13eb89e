import { describe, expect, it } from 'vitest'
import { strictPolicy } from '../core/address/endpoint-policy.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { ManualClock } from '../core/time/clock.ts'
import { answer, startReceiver, startTransport } from './fixtures/receiver.ts'
import { createTokenSource } from './oauth-token.ts'
import type { Transport } from './transport.ts'

function subscriptionTo(tokenUrl: string, more: Record<string, unknown> = {}): Subscription {
  const auth = { type: 'oauth2', tokenUrl, clientId: 'id:1', clientSecret: 's3cr+t', scope: 'hooks write', ...more }
  return {
    id: 'sub_1',
    integrationId: 'int_1',
    endpoint: { url: 'https://example.com/', auth },
  } as unknown as Subscription
}

const secretOf = (subscription: Subscription) => {
  const auth = subscription.endpoint.auth
  return auth?.type === 'oauth2' ? auth.clientSecret : ''
}

function tokensBy(transport: Transport, clock = new ManualClock()) {
  return createTokenSource({ transport, clock, clientSecretOf: secretOf, tlsOf: () => null })
}

/** Grants `t1`, `t2`, … */
const granting = (expiresIn = 3600) =>
  startReceiver({
    onRequest: (socket, _request, count) =>
      socket.write(
        answer(200, JSON.stringify({ access_token: `t${count}`, token_type: 'Bearer', expires_in: expiresIn })),
      ),
  })

describe('createTokenSource', () => {
  it('asks as RFC 6749 §4.4 says, and keeps the token', async () => {
    const receiver = await granting()
    const tokens = tokensBy(startTransport())
    const subscription = subscriptionTo(receiver.url)
    expect(await tokens.authorization(subscription, 5_000)).toEqual({ ok: true, value: 'Bearer t1' })
    expect(await tokens.authorization(subscription, 5_000)).toEqual({ ok: true, value: 'Bearer t1' })
    expect(receiver.requests).toHaveLength(1)
    const [head, body] = receiver.requests[0]!.split('\r\n\r\n')
    expect(head).toContain(`\r\nauthorization: Basic ${btoa('id%3A1:s3cr%2Bt')}\r\n`)
    expect(head).toContain('\r\ncontent-type: application/x-www-form-urlencoded\r\n')
    expect(body).toBe('grant_type=client_credentials&scope=hooks+write')
  })

  it('fetches once for all that wait', async () => {
    const receiver = await granting()
    const tokens = tokensBy(startTransport())
    const all = [1, 2, 3].map(() => tokens.authorization(subscriptionTo(receiver.url), 5_000))
    expect(await Promise.all(all)).toEqual(Array(3).fill({ ok: true, value: 'Bearer t1' }))
    expect(receiver.requests).toHaveLength(1)
  })

  it('fetches another shortly before it expires', async () => {
    const receiver = await granting(3600)
    const clock = new ManualClock()
    const tokens = tokensBy(startTransport(), clock)
    const subscription = subscriptionTo(receiver.url)
    await tokens.authorization(subscription, 5_000)
    await clock.advance(3539_999)
    expect(await tokens.authorization(subscription, 5_000)).toMatchObject({ value: 'Bearer t1' })
    await clock.advance(1)
    expect(await tokens.authorization(subscription, 5_000)).toMatchObject({ value: 'Bearer t2' })
  })

  it('fetches another after a refusal, but not for refusals of the one before', async () => {
    const receiver = await granting()
    const clock = new ManualClock()
    const tokens = tokensBy(startTransport(), clock)
    const subscription = subscriptionTo(receiver.url)
    await tokens.authorization(subscription, 5_000)
    tokens.refused(subscription)
    expect(await tokens.authorization(subscription, 5_000)).toMatchObject({ value: 'Bearer t1' })
    await clock.advance(5_000)
    tokens.refused(subscription)
    expect(await tokens.authorization(subscription, 5_000)).toMatchObject({ value: 'Bearer t2' })
  })

  it('gives a token to nobody who does not know the secret', async () => {
    const receiver = await granting()
    const tokens = tokensBy(startTransport())
    const given = []
    for (const more of [{}, { clientSecret: 'guess' }, { scope: 'admin' }, { clientId: 'id2' }]) {
      given.push(await tokens.authorization(subscriptionTo(receiver.url, more), 5_000))
    }
    expect(new Set(given.map((one) => one.ok && one.value)).size).toBe(4)
  })

  it.each([
    [
      'a refusal',
      answer(401, '{"error":"invalid_client"}', ['Retry-After: 9']),
      'http_401',
      '{"error":"invalid_client"}',
      '9',
    ],
    ['gone', answer(410), 'http_410', '', null],
    ['a redirect', answer(302, '', ['Location: http://169.254.169.254/']), 'redirect_not_allowed', null, null],
    ['no token', answer(200, '{"access_token":"a b"}'), 'invalid_http', null, null],
    ['another success', answer(201, '{"access_token":"a"}'), 'http_201', null, null],
    ['no HTTP', 'garbage\r\n', 'invalid_http', null, null],
  ])('%s fails the attempt without a status of its own', async (_case, bytes, error, body, retryAfter) => {
    const receiver = await startReceiver({ onRequest: (socket) => socket.write(bytes) })
    const tokens = tokensBy(startTransport())
    const subscription = subscriptionTo(receiver.url)
    const outcome = await tokens.authorization(subscription, 5_000)
    expect(outcome).toMatchObject({ ok: false, result: { status: null, error, body, retryAfter, headers: {} } })
    // A failure is not kept.
    await tokens.authorization(subscription, 5_000)
    expect(receiver.requests).toHaveLength(2)
  })

  it('S178: the guard holds for the token URL', async () => {
    const receiver = await granting()
    const transport = startTransport({ policy: { ...strictPolicy, allowHttp: true } })
    for (const url of ['http://169.254.169.254/', receiver.url]) {
      expect(await tokensBy(transport).authorization(subscriptionTo(url), 5_000)).toMatchObject({
        ok: false,
        result: { status: null, error: 'address_forbidden' },
      })
    }
    expect(receiver.sockets).toHaveLength(0)
  })
})
