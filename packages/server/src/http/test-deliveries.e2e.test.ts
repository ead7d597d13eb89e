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
