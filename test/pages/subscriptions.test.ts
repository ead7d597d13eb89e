import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

/** More than a page of the list. */
const many = 60
let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  for (let at = 0; at < many; at += 1) await world.subscribe(['order.*'], `${world.receiver.url}/${at}`)
  await world.subscribe(['invoice.*', 'customer.*'], `${world.receiver.url}/stock`, { description: 'Stock Mirror' })
  await world.subscribe(['customer.updated'], `${world.receiver.url}/tripletex`, { dialect: 'tripletex' })
  const stopped = await world.subscribe(['invoice.*'], `${world.receiver.url}/stopped`, { description: 'Old Importer' })
  await world.integrator.subscriptions.disable(stopped.id)
  page = await world.operatorPage('/ui/subscriptions')
})
afterAll(() => world?.end())

const field = (name: string) => page.getByRole('search').getByLabel(name, { exact: true })
const listed = async () => (await rowsOf(page, 'Subscriptions')).map(([status, who]) => `${status} ${who}`)
const search = () => Object.fromEntries(new URL(page.url()).searchParams)

test.each([
  ['Stock Mirror', 'Stock Mirror'],
  ['/stopped', 'Old Importer'],
])('is searched by name and by URL: %s', async (text, found) => {
  await world.open(page, '/ui/subscriptions')
  await field('Search').fill(text)
  await field('Search').press('Enter')
  await expect.poll(listed).toEqual([expect.stringContaining(found)])
  expect(search()).toEqual({ search: text })
  await page.reload()
  await expect.poll(listed).toEqual([expect.stringContaining(found)])
  expect(await field('Search').inputValue()).toBe(text)
})

test('is narrowed by status and by dialect, which stand in the address', async () => {
  await world.open(page, '/ui/subscriptions')
  await field('Status').selectOption('disabled')
  await expect.poll(listed).toEqual([expect.stringContaining('Disabled Old Importer')])
  await field('Status').selectOption('')
  await field('Dialect').selectOption('tripletex')
  await expect.poll(listed).toEqual([expect.stringContaining('/tripletex')])
  expect(search()).toEqual({ dialect: 'tripletex' })
  await page.getByRole('link', { name: /\/tripletex/ }).click()
  await page.getByRole('heading', { level: 1, name: /\/tripletex/ }).waitFor()
  await page.goBack()
  await expect.poll(listed).toEqual([expect.stringContaining('/tripletex')])
  await field('Search').fill('nobody is called this')
  await field('Search').press('Enter')
  await page.getByText('No subscription is like this').waitFor()
})

test('is shown page by page, and searched on the server beyond what was loaded', async () => {
  await world.open(page, '/ui/subscriptions')
  await page.getByRole('button', { name: 'Show more' }).waitFor()
  expect((await listed()).length).toBeLessThan(many)
  await field('Search').fill('/stopped')
  await field('Search').press('Enter')
  await expect.poll(listed).toEqual([expect.stringContaining('Old Importer')])
  await world.open(page, '/ui/subscriptions')
  await page.getByRole('button', { name: 'Show more' }).click()
  await expect.poll(async () => (await listed()).length).toBe(many + 3)
  expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0)
})

test('a bar tells how the deliveries of the last hour fared', async () => {
  await world.operator.publish([{ tenantId, type: 'invoice.updated', entityId: '1' }])
  await expect.poll(() => world.receiver.bodies.length).toBe(1)
  await expect
    .poll(async () => {
      await world.open(page, '/ui/subscriptions?search=Stock')
      await page.getByRole('table', { name: 'Subscriptions' }).waitFor()
      return page.getByRole('img', { name: '1 delivered, 0 failed in the last hour' }).count()
    })
    .toBe(1)
})
