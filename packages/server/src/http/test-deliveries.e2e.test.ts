import { expect, it } from 'vitest'
import { grantedTenant, startLiveReceiver, startLiveServer } from '../dialects/fixtures/live.ts'

it('a test delivery is judged as an attempt of its dialect would be', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: 1 })
  const errorsIn = async (dialect: string) => {
    receiver.answer = 200
    const made = await server.call('POST', '/v1/subscriptions', {
      token,
      body: { endpoint: { url: receiver.url }, types: ['contact.updated'], dialect },
    })
    expect(made.status).toBe(201)
    const errors: Record<number, string | null> = {}
    for (const status of [200, 201, 302, 410, 500]) {
      receiver.answer = status
      const { json } = await server.call('POST', `/v1/subscriptions/${made.json.id}/test`, { token })
      expect(json).toMatchObject({ status, durationMs: expect.any(Number), body: '' })
      errors[status] = json.error
    }
    return errors
  }
  const failures = { 302: 'redirect_not_allowed', 410: 'http_410', 500: 'http_500' }
  expect(await errorsIn('standard')).toEqual({ ...failures, 200: null, 201: null, 410: 'gone' })
  expect(await errorsIn('tripletex')).toEqual({ ...failures, 200: null, 201: null })
  // Nothing but 200 is success there.
  expect(await errorsIn('moneybird')).toEqual({ ...failures, 200: null, 201: 'http_201' })
})

it('a subscription is tried before it is made, and nothing of it stays', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: 1 })
  const attempted = (body: object) => server.call('POST', '/v1/subscriptions/try', { token, body })
  const draft = { endpoint: { url: receiver.url }, types: ['contact.updated'] }
  receiver.answer = 503
  expect(await attempted(draft)).toMatchObject({ status: 200, json: { status: 503, error: 'http_503' } })
  receiver.answer = 200
  expect(await attempted(draft)).toMatchObject({ status: 200, json: { status: 200, error: null } })
  // A dialect that asks its receiver first asks it now too.
  receiver.answer = 201
  expect(await attempted({ ...draft, dialect: 'moneybird' })).toMatchObject({
    status: 422,
    json: { errors: [expect.objectContaining({ pointer: '/endpoint/url', code: 'unreachable' })] },
  })
  expect((await server.call('GET', '/v1/subscriptions', { token })).json.items).toEqual([])

  const forbidden = { ...draft, endpoint: { url: 'https://10.1.2.3/hook' } }
  expect(await attempted(forbidden)).toMatchObject({
    status: 422,
    json: { errors: [expect.objectContaining({ pointer: '/endpoint/url' })] },
  })
  expect((await attempted({ ...draft, types: ['nothing.happens'] })).status).toBe(422)
})
