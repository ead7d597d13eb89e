import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { plainAppearance } from '../../core/appearance/appearance.ts'
import { createApp } from '../app.ts'
import { type PageRoutesDeps, pageRoutes } from './pages.ts'

const script = 'globalThis.isShown = true\n'.repeat(50)
const contents: Readonly<Record<string, Buffer>> = {
  'index.html': Buffer.from('<!doctype html><title>Tidings</title>'),
  'favicon.svg': Buffer.from('<svg/>'),
  'assets/index-B2x.js': Buffer.from(script),
  'assets/index-B2x.js.gz': gzipSync(script),
  'assets/notes.md': Buffer.from('of nobody'),
}

function appWith(more: Partial<PageRoutesDeps> = {}) {
  const app = createApp({
    trustProxies: [],
    guard: { authenticate: () => ({ kind: 'operator' }) },
    onRequestDone: () => {},
    onFailure: (error) => {
      throw error
    },
  })
  const files = { names: new Set(Object.keys(contents)), read: (name: string) => contents[name]! }
  pageRoutes(app, { files, frameAncestors: [], appearance: plainAppearance, ...more })
  return (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })
}

describe('pages', () => {
  test.each(['/ui/', '/ui/events', '/ui/events/inv-3817.v12', '/ui/index.html', '/ui/portal', '/ui/assets'])(
    '%s is the page that reads the path itself, asked for anew each time',
    async (url) => {
      const { statusCode, headers, body } = await appWith()(url)
      expect([statusCode, body]).toEqual([200, contents['index.html']!.toString()])
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
    },
  )

  test('files with a hash in their names are kept for good, and go out compressed', async () => {
    const get = appWith()
    const plain = await get('/ui/assets/index-B2x.js')
    expect([plain.body, plain.headers['content-encoding']]).toEqual([script, undefined])
    const packed = await get('/ui/assets/index-B2x.js', { 'accept-encoding': 'br, gzip;q=0.5' })
    expect(gunzipSync(packed.rawPayload).toString()).toBe(script)
    for (const { headers } of [plain, packed]) {
      expect(headers).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'Accept-Encoding',
      })
    }
    for (const refusing of ['identity', 'gzip;q=0', 'x-gzip-not']) {
      const { headers } = await get('/ui/assets/index-B2x.js', { 'accept-encoding': refusing })
      expect([refusing, headers['content-encoding']]).toEqual([refusing, undefined])
    }
  })

  test('what a browser has is not sent again', async () => {
    const get = appWith()
    for (const headers of [{}, { 'accept-encoding': 'gzip' }]) {
      const tag = String((await get('/ui/assets/index-B2x.js', headers)).headers.etag)
      const again = await get('/ui/assets/index-B2x.js', { ...headers, 'if-none-match': `"other", W/${tag}` })
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', tag])
      expect((await get('/ui/assets/index-B2x.js', { ...headers, 'if-none-match': '"other"' })).statusCode).toBe(200)
    }
  })

  test.each(['/ui/assets/index-A1a.js', '/ui/assets/notes.md', '/ui/assets/index-B2x.js.gz'])(
    '%s is nothing: a page in place of a script would be run',
    async (url) => {
      const { statusCode, headers } = await appWith()(url)
      expect([statusCode, headers['content-type']]).toEqual([404, expect.stringMatching(/^application\/problem\+json/)])
    },
  )

  test('without a build they say what to do', async () => {
    const get = appWith({ files: { names: new Set(), read: () => Buffer.alloc(0) } })
    const { statusCode, body } = await get('/ui/events')
    expect(statusCode).toBe(503)
    expect(body).toContain('node scripts/setup.mjs --pages')
  })

  test('/ui leads to /ui/', async () => {
    expect((await appWith()('/ui')).headers.location).toBe('/ui/')
  })
})

describe('the policy of a page', () => {
  const policy = async (url: string, more: Partial<PageRoutesDeps> = {}) =>
    String((await appWith(more)(url)).headers['content-security-policy'])

  test('runs no script but those of this server, and asks nobody else', async () => {
    expect(await policy('/ui/')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
  })

  test('lets the origins that are named show the portal in a frame, and nothing else', async () => {
    const frameAncestors = ['https://app.example.com', 'https://*.example.org']
    for (const url of ['/ui/portal', '/ui/portal/events']) {
      expect(await policy(url, { frameAncestors })).toMatch(
        /frame-ancestors https:\/\/app\.example\.com https:\/\/\*\.example\.org$/,
      )
      expect(await policy(url)).toMatch(/frame-ancestors 'none'$/)
    }
    for (const url of ['/ui/', '/ui/portals', '/ui/keys']) {
      expect(await policy(url, { frameAncestors })).toMatch(/frame-ancestors 'none'$/)
    }
  })

  test('lets a logo be loaded from where the configuration says', async () => {
    const appearance = { ...plainAppearance, logo: 'https://cdn.example.com/logo.svg' }
    expect(await policy('/ui/', { appearance })).toContain("img-src 'self' data: https://cdn.example.com;")
  })
})
