import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'

let directory: string
let server: RunningServer
let browser: Browser

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-page-'))
  const flags = { port: '0', data: directory, adminKey: 'operator-key-for-tests', logLevel: 'silent' }
  server = await startServer(readConfig({ flags, env: {} }))
  browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args,
    headless: true,
  })
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

test('/docs renders without loading anything, and its links open what they name', async () => {
  const page = await browser.newPage()
  const requested: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requested.push(request.url()))
  page.on('console', (message) => complaints.push(message.text()))

  await page.goto(`${server.url}/docs`)
  await page
    .locator('nav summary')
    .first()
    .click({ position: { x: 3, y: 8 } })
  await page.getByRole('link', { name: 'Publish events' }).click()

  const target = page.locator('#post-v1-events')
  await target.waitFor({ state: 'visible' })
  expect(await target.textContent()).toContain('application/x-ndjson')
  expect(requested).toEqual([`${server.url}/docs`])
  expect(complaints).toEqual([])
})

test('every link within the page has its target', async () => {
  const page = await browser.newPage()
  await page.goto(`${server.url}/docs`)
  const hrefs = await page.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
  const ids = new Set(await page.locator('[id]').evaluateAll((elements) => elements.map(({ id }) => id)))
  const local = hrefs.filter((href) => href.startsWith('#')).map((href) => href.slice(1))
  expect(local.length).toBeGreaterThan(100)
  expect(local.filter((id) => !ids.has(id))).toEqual([])
  expect(hrefs.filter((href) => !href.startsWith('#')).sort()).toEqual(['/asyncapi.json', '/openapi.json'])
})
