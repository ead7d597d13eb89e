import { expect, onTestFinished, test } from 'vitest'
import { operatorKey, sessionServer } from './fixtures/session-server.ts'

async function signedIn() {
  const server = await sessionServer()
  onTestFinished(() => server.app.close())
  await server.browse('POST', '/v1/session', { key: operatorKey })
  return server
}

test('a pass stands in for the key, and is made anew when it has been used for a minute', async () => {
  const { browse, clock } = await signedIn()
  expect(await browse('GET', '/v1/session')).toMatchObject({ status: 200, json: { kind: 'operator' }, set: null })
  await clock.advance(60_000)
  const renewed = await browse('GET', '/v1/session')
  expect(renewed.set).toMatch(/^tidings=/)
  expect(renewed.json.expiresAt).toBe('2026-01-01T01:01:00.000Z')
})

test('one that nobody used for an hour has ended, and is taken from the browser', async () => {
  const { browse, clock } = await signedIn()
  await clock.advance(3_600_000)
  const late = await browse('GET', '/v1/session')
  expect(late).toMatchObject({ status: 401, json: { code: 'unauthorized' } })
  expect(late.set).toMatch(/Max-Age=0/)
})

test('one that this server did not make counts as a wrong key', async () => {
  const { browse } = await sessionServer()
  const forged = { cookie: 'tidings=v1.Zm9yZ2Vk' }
  for (let count = 0; count < 3; count++) {
    expect((await browse('GET', '/v1/session', undefined, forged)).json.code).toBe('unauthorized')
  }
  expect((await browse('GET', '/v1/session', undefined, forged)).json.code).toBe('rate_limited')
})

test('a page of another origin gets nothing by it, nor does who changes something without saying so', async () => {
  const { browse } = await signedIn()
  const foreign = await browse('GET', '/v1/session', undefined, { 'sec-fetch-site': 'cross-site' })
  expect(foreign).toMatchObject({ status: 403, json: { code: 'forbidden' } })
  expect((await browse('DELETE', '/v1/session', undefined, { 'x-tidings-session': '0' })).status).toBe(403)
  expect((await browse('GET', '/v1/session')).status).toBe(200)
})

test('behind a proxy that changes Host, browsers know the server by its public address', async () => {
  const server = await sessionServer({ publicUrl: 'https://hooks.example.com/tidings' })
  onTestFinished(() => server.app.close())
  const from = (origin: string) => server.browse('POST', '/v1/session', { key: operatorKey }, { origin })
  expect((await from('https://hooks.example.com')).status).toBe(204)
  server.forget()
  expect((await from('https://elsewhere.example.com')).status).toBe(403)
})
