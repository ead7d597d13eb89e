import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visitedPages } from './visited-pages.ts'
import { World } from './world.ts'

declare const axe: { run(): Promise<AxeResults> }

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let world: World
let pathOf: Awaited<ReturnType<World['traffic']>>

beforeAll(async () => {
  world = await World.begin()
  pathOf = await world.traffic()
})
afterAll(() => world?.end())

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  let page: Page
  beforeAll(async () => {
    page = await world.operatorPage('/ui/', { colorScheme, bypassCSP: true })
  })
  afterAll(() => page?.close())

  test.each(visitedPages)('axe finds nothing on the page %s', async (name) => {
    await page.goto(world.server.url + pathOf(name))
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
    await page.evaluate(axeSource)
    const { violations } = await page.evaluate(() => axe.run())
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target}`))).toEqual([])
  })
})
