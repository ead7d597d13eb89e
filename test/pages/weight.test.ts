import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { World } from './world.ts'

/** What the first page may weigh, gzipped. */
const mostBytes = 300 * 1_024
let world: World

beforeAll(async () => {
  world = await World.begin()
})
afterAll(() => world?.end())

test('the first page weighs no more than 300 KB, and asks nobody but its server', async () => {
  const page = await world.operatorPage()
  const urls = new Set<string>()
  page.on('request', (request) => urls.add(request.url()))
  await page.reload()
  await page.getByText('Every subscription is being served.').waitFor()

  expect([...urls].filter((url) => !url.startsWith(world.server.url))).toEqual([])
  const files = [...urls].filter((url) => url.startsWith(`${world.server.url}/ui/`))
  const weights = await Promise.all(
    files.map(async (url) => gzipSync(new Uint8Array(await (await fetch(url)).arrayBuffer())).length),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  console.info(`first page: ${Math.round(total / 1_024)} KB gzipped in ${files.length} files`)
  expect(files.length).toBeGreaterThan(5)
  expect(total).toBeLessThan(mostBytes)
})
