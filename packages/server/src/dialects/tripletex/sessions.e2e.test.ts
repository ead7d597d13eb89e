import { expect, test } from 'vitest'
import { startLiveServer } from '../fixtures/live.ts'
import { basic, createSession, day, tripletexClient } from './fixtures/client.ts'

test('sessions end at midnight, with their access token, and when they are deleted', async () => {
  const server = await startLiveServer()
  const client = await tripletexClient(server, { tenantId: 1, days: 1 })
  const { consumerToken, employeeToken, integrationId, tokenId } = client
  const isLive = async (session: string) =>
    (await server.call('GET', '/v2/token/session/%3EwhoAmI', { authorization: basic(0, session) })).status === 200
  const long = await createSession(server, { consumerToken, employeeToken, days: 3 })
  const other = await createSession(server, { consumerToken, employeeToken, days: 3 })
  expect([await isLive(client.session), await isLive(long), await isLive(other)]).toEqual([true, true, true])

  const ended = await server.call('DELETE', `/v2/token/session/${encodeURIComponent(long)}`, {
    authorization: basic(0, other),
  })
  expect([ended.status, ended.text]).toEqual([204, ''])
  expect([await isLive(client.session), await isLive(long), await isLive(other)]).toEqual([true, false, true])

  const midnight = Date.parse(`${day(server, 1)}T00:00:00Z`)
  await server.clock.advance(midnight - server.clock.now() + 1_000)
  expect([await isLive(client.session), await isLive(other)]).toEqual([false, true])

  await server.operate('DELETE', `/v1/integrations/${integrationId}/tokens/${tokenId}`)
  expect(await isLive(other)).toBe(false)
})

test('a session is made by PUT with a query and by POST with a body, whatever the content type', async () => {
  const server = await startLiveServer()
  const client = await tripletexClient(server, { tenantId: 1, name: 'Bygg AS' })
  const { consumerToken, employeeToken } = client
  const expirationDate = day(server, 2)
  const query = new URLSearchParams({ consumerToken, employeeToken, expirationDate, somethingElse: '1' })
  for (const action of [':create', '%3Acreate', '%3acreate']) {
    const put = await server.call('PUT', `/v2/token/session/${action}?${query}`, {
      headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': '0' },
    })
    expect(put.status).toBe(200)
    expect(put.json.value).toMatchObject({ expirationDate, token: expect.any(String), encryptionKey: null })
    const who = await server.call('GET', '/v2/token/session/>whoAmI', {
      authorization: basic('', put.json.value.token),
    })
    expect(who.json.value).toMatchObject({ companyId: 1, employeeId: expect.any(Number) })
    expect(who.json.value.employeeId).toBeLessThan(2 ** 31)
  }
  const post = await server.call('POST', '/v2/token/session/:create', {
    body: { consumerToken, employeeToken, expirationDate },
  })
  expect([post.status, typeof post.json.value.token]).toEqual([201, 'string'])
  const plain = await server.call('POST', '/v2/token/session/:create', {
    body: JSON.stringify({ consumerToken, employeeToken, expirationDate }),
    headers: { 'content-type': '*/*' },
  })
  expect(plain.status).toBe(201)
})
