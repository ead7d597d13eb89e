import { expect, onTestFinished, test } from 'vitest'
import { operatorKey, sessionServer } from './fixtures/session-server.ts'

async function serverOf(given: Parameters<typeof sessionServer>[0] = {}) {
  const server = await sessionServer(given)
  onTestFinished(() => server.app.close())
  const { browse } = server
  const byKey = { authorization: `Bearer ${operatorKey}` }
  return {
    ...server,
    operate: (url: string, body: object) => browse('POST', url, body, byKey),
    /** Opens a link in a browser that has no session, with what stands behind its `#`. */
    open(url: string) {
      server.forget()
      return browse('POST', '/v1/session', { link: new URL(url).hash.slice(1) })
    },
  }
}

test('a session begins with a key and ends by signing out', async () => {
  const { browse, directory } = await serverOf()
  expect((await browse('POST', '/v1/session', { key: 'wrong' })).json.code).toBe('unauthorized')
  expect((await browse('POST', '/v1/session', { key: operatorKey })).status).toBe(204)
  expect((await browse('GET', '/v1/session')).json.kind).toBe('operator')
  expect((await browse('DELETE', '/v1/session')).status).toBe(204)
  expect((await browse('GET', '/v1/session')).status).toBe(401)
  expect(directory.sessions.size).toBe(0)
})

test('a link signs one person in as whoever made it, and then counts as a wrong key', async () => {
  const { browse, operate, open, clock } = await serverOf()
  const { url, expiresAt } = (await operate('/v1/sign-in-links', { expiresInSeconds: 60 })).json
  expect(url).toMatch(/^http:\/\/localhost(:80)?\/ui\/#/)
  expect(expiresAt).toBe(new Date(clock.now() + 60_000).toISOString())
  expect((await open(url)).status).toBe(204)
  expect((await browse('GET', '/v1/session')).json.kind).toBe('operator')
  expect((await open(url)).json.code).toBe('unauthorized')
})

test('a portal shows one integration, in the looks that its link gave it', async () => {
  const { browse, operate, open, forget, integrationId } = await serverOf({ publicUrl: 'https://hooks.example.com' })
  const { url } = (await operate('/v1/portal-links', { integrationId, appearance: { name: 'Hus AS' } })).json
  expect(url).toMatch(/^https:\/\/hooks\.example\.com\/ui\/portal#/)
  expect((await browse('GET', '/v1/appearance')).json.name).toBe('Bygg & Bo')
  const begun = await open(url)
  expect(begun.set).toMatch(/^tidings=/)
  expect((await browse('GET', '/v1/session')).json).toMatchObject({ kind: 'portal', integrationId })
  expect((await browse('GET', '/v1/appearance')).json.name).toBe('Hus AS')
  forget()
  expect((await browse('GET', '/v1/appearance')).json.name).toBe('Bygg & Bo')
})

test('the cookie of a portal that another site may show in a frame is one that browsers send from there', async () => {
  const { operate, open, integrationId } = await serverOf({ frameAncestors: ['https://*.example.com'] })
  const { url } = (await operate('/v1/portal-links', { integrationId })).json
  expect((await open(url)).set).toMatch(/^tidings-portal=.*SameSite=None/)
  // An operator's is not sent from there, whoever may show pages in frames.
  const operators = (await operate('/v1/sign-in-links', {})).json
  expect((await open(operators.url)).set).toMatch(/^tidings=.*SameSite=Strict/)
})
