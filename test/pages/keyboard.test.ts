import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  await world.subscribe(['order.*'], `${world.receiver.url}/first`)
  await world.subscribe(['order.*'], `${world.receiver.url}/second`)
  await world.operator.publish([{ tenantId, type: 'order.created', entityId: 'o-1' }])
  page = await world.operatorPage()
})
afterAll(() => world?.end())

const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
/** What has the focus. */
const focus = () => page.locator(':focus')
const press = async (...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}

test.each([
  ['e', 'Events'],
  ['s', 'Subscriptions'],
  ['d', 'Deliveries'],
  ['c', 'Catalogue'],
  ['o', 'Overview'],
])('g %s goes to %s', async (key, name) => {
  await press('g', key)
  await heading(name)
})

test('/ goes to the search, where keys are text, and esc leaves it', async () => {
  await world.open(page, '/ui/subscriptions')
  await press('/')
  const search = page.getByRole('search').getByLabel('Search')
  await page.getByRole('search').locator('input:focus').waitFor()
  await press('g', 'e', '?')
  expect(await search.inputValue()).toBe('ge?')
  await heading('Subscriptions')
  await press('Escape')
  await page.getByRole('search').locator('input:focus').waitFor({ state: 'detached' })
})

test('j and k go through the rows, and enter opens one', async () => {
  await world.open(page, '/ui/subscriptions')
  await expect.poll(async () => (await rowsOf(page, 'Subscriptions')).length).toBe(2)
  const names = (await rowsOf(page, 'Subscriptions')).map(([, name]) => name)
  await press('j')
  expect(await focus().textContent()).toBe(names[0])
  await press('j', 'j')
  expect(await focus().textContent()).toBe(names[1])
  await press('k')
  expect(await focus().textContent()).toBe(names[0])
  await press('j', 'Enter')
  await heading(names[1]!)
})

test('? lists the keys, and esc closes the list', async () => {
  await press('?')
  const list = page.getByRole('dialog', { name: 'Keyboard' })
  await list.getByText('Next and previous row').waitFor()
  await press('Escape')
  await list.waitFor({ state: 'detached' })
})

test('p pauses what is live, and goes on', async () => {
  await world.open(page, '/ui/events')
  await page.getByText(/^Live, heard/).waitFor()
  await press('p')
  await page.getByRole('button', { name: 'Go on', pressed: true }).waitFor()
  await press('p')
  await page.getByRole('button', { name: 'Pause', pressed: false }).waitFor()
})

test('esc closes what was opened beside a list', async () => {
  await world.open(page, '/ui/catalogue?type=order.created')
  await page.getByRole('region', { name: 'order.created', exact: true }).waitFor()
  await press('Escape')
  await page.getByRole('region', { name: 'order.created', exact: true }).waitFor({ state: 'detached' })
})

test('everything is reached by the tab key, the page first of all', async () => {
  await world.open(page, '/ui/events')
  await press('Tab')
  expect(await focus().textContent()).toBe('Skip to the page')
  await press('Enter')
  await page.locator('main:focus').waitFor()
  await press('Tab')
  await page.locator('main :focus').waitFor()
})
