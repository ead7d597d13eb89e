import { describe, expect, test } from 'vitest'
import { start } from './fixtures/client.ts'

describe('the registration check', () => {
  test('is one unsigned POST of {}, and is recorded nowhere', async () => {
    const setting = await start()
    const { receiver, api, server, token } = setting
    await api('POST', '/29302/webhooks', { url: receiver.url })
    expect(receiver.requests).toHaveLength(1)
    const [check] = receiver.requests
    expect([check!.method, check!.body.toString(), check!.headers['content-type']]).toEqual([
      'POST',
      '{}',
      'application/json',
    ])
    expect(check!.headers).not.toHaveProperty('moneybird-signature')
    expect(check!.headers).not.toHaveProperty('idempotency-key')
    expect((await api('GET', '/29302/webhooks')).json).toMatchObject([{ last_http_status: null, last_http_body: null }])
    expect((await server.call('GET', '/v1/deliveries', { token })).json.items).toEqual([])
  })

  test('by any other answer than 200 nothing is made', async () => {
    const { receiver, api } = await start()
    for (const [index, status] of [201, 204, 202, 301, 401, 410, 500].entries()) {
      receiver.answer = () => ({ status, headers: { location: '/other' } })
      const refused = await api('POST', '/29302/webhooks', { url: receiver.url })
      expect([refused.status, refused.json.symbolic]).toEqual([400, { url: 'unreachable' }])
      expect(receiver.requests).toHaveLength(index + 1)
    }
    expect((await api('GET', '/29302/webhooks')).json).toEqual([])
  })

  test('is made for a subscription of the dialect that is made natively, and when its URL changes', async () => {
    const setting = await start()
    const { receiver, server, token, api } = setting
    const draft = (url: string) => ({ dialect: 'moneybird', types: ['contact.*'], endpoint: { url } })
    receiver.answer = ({ path }) => ({ status: path === '/hook' ? 200 : 500 })
    const bad = `${receiver.url}/bad`
    const refused = await server.call('POST', '/v1/subscriptions', { token, body: draft(bad) })
    expect([refused.status, refused.json.errors]).toMatchObject([
      422,
      [{ pointer: '/endpoint/url', code: 'unreachable' }],
    ])
    const made = await server.call('POST', '/v1/subscriptions', { token, body: draft(receiver.url) })
    expect(made.status).toBe(201)
    const path = `/v1/subscriptions/${made.json.id}`
    expect((await server.call('PATCH', path, { token, body: { endpoint: { url: bad } } })).status).toBe(422)
    expect(receiver.requests).toHaveLength(3)
    expect((await server.call('PATCH', path, { token, body: { description: 'no new URL' } })).status).toBe(200)
    expect(receiver.requests).toHaveLength(3)

    const [webhook] = (await api('GET', '/29302/webhooks')).json
    expect(webhook.url).toBe(receiver.url)
    expect(webhook.token).toMatch(/^[0-9A-Za-z]{24}$/)
    expect(webhook.enabled_events).toContain('contact_created')
  })
})
