import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'

const adminKey = 'operator-key-for-tests'
let directory: string
let server: RunningServer
let browser: Browser
/** Pages of an origin that the operator allows, and of one that is foreign. */
let ours: Server
let foreign: Server

const originOf = (pages: Server) => `http://127.0.0.1:${(pages.address() as AddressInfo).port}`

async function startPages(): Promise<Server> {
  const pages = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>App</title>')
  })
  pages.listen(0, '127.0.0.1')
  await once(pages, 'listening')
  return pages
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-origins-'))
  ours = await startPages()
  foreign = await startPages()
  const flags = { port: '0', data: directory, adminKey, logLevel: 'silent', corsOrigins: originOf(ours) }
  server = await startServer(readConfig({ flags, env: {} }))
  browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    // Made for scraping, this build comes with a flag that switches off what is tested here.
    args: chromium.args.filter((arg) => arg !== '--disable-web-security'),
    headless: true,
  })
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  for (const pages of [ours, foreign]) pages?.close()
  await rm(directory, { recursive: true, force: true })
})

async function publish(entityId: string): Promise<void> {
  const response = await fetch(`${server.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tenantId: 1, type: 'invoice.updated', entityId }),
  })
  expect(response.status).toBe(201)
}

async function pageOf(pages: Server): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(originOf(pages))
  return page
}

/** The page fetches: what it can see of the answer, or that it may not see it. */
function fetchIn(page: Page, path: string, headers: Record<string, string>) {
  return page.evaluate(
    async ({ url, headers }) => {
      try {
        const response = await fetch(url, { headers })
        return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() }
      } catch (error) {
        return (error as Error).name
      }
    },
    { url: `${server.url}${path}`, headers },
  )
}

/** The page reads the stream until it holds the text, and gives what it read. */
function readIn(page: Page, headers: Record<string, string>, until: string) {
  return page.evaluate(
    async ({ url, headers, until }) => {
      const response = await fetch(url, { headers })
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
      let text = ''
      while (!text.includes(until)) text += (await reader.read()).value ?? ''
      await reader.cancel()
      return text
    },
    { url: `${server.url}/v1/stream?topics=invoices`, headers, until },
  )
}

const authorization = `Bearer ${adminKey}`

test('a page of an allowed origin reads the feed, the stream and where the stream goes on', async () => {
  const page = await pageOf(ours)
  await publish('1')
  const answer = await fetchIn(page, '/v1/topics/invoices/events', { authorization })
  expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('"entityId":"1"') })

  const first = readIn(page, { authorization }, '"entityId":"2"')
  await expect.poll(async () => (await fetch(`${server.url}/metrics`)).text()).toMatch(/tidings_stream_connections 1/)
  await publish('2')
  const id = [...(await first).matchAll(/^id: (.+)$/gm)].at(-1)?.[1]
  await publish('3')
  const resumed = await readIn(page, { authorization, 'last-event-id': id! }, '"entityId":"3"')
  expect(resumed).not.toContain('"entityId":"2"')
})

test('it sees refusals, and how long to wait', async () => {
  const page = await pageOf(ours)
  const refused = () => fetchIn(page, '/v1/topics/invoices/events', { authorization: 'Bearer wrong' })
  expect(await refused()).toMatchObject({ status: 401 })
  await expect.poll(refused).toMatchObject({ status: 429, retryAfter: expect.stringMatching(/^\d+$/) })
})

test('a page of a foreign origin sees nothing, nor does ours of other routes', async () => {
  const stranger = await pageOf(foreign)
  for (const path of ['/v1/topics/invoices/events', '/v1/stream', '/v1/topics']) {
    expect(await fetchIn(stranger, path, { authorization })).toBe('TypeError')
    // Without a header of its own a request needs no preflight: it is sent, and its answer kept from the page.
    expect(await fetchIn(stranger, path, {})).toBe('TypeError')
  }
  expect(await fetchIn(await pageOf(ours), '/v1/subscriptions', { authorization })).toBe('TypeError')
})
