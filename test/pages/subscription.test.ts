import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SubscriptionView } from './subscription-view.ts'
import { World } from './world.ts'

let world: World
let page: Page
let view: SubscriptionView

beforeAll(async () => {
  world = await World.begin()
  page = await world.operatorPage('/ui/subscriptions')
})
afterAll(() => world?.end())
beforeEach(async () => {
  view = await SubscriptionView.of(world, page)
})

test('shows whether it is served, its numbers, its deliveries and what it asked for', async () => {
  await view.sent('s-1')
  await view.open()
  await expect.poll(() => view.deliveries()).toEqual(['Delivered invoice.updated s-1'])
  await view.state('Active')
  const now = page.getByRole('region', { name: 'Now' })
  for (const name of ['Waiting', 'Behind', 'Being sent']) await now.getByText(name, { exact: true }).waitFor()
  const terms = page.getByRole('region', { name: 'What it asked for' })
  for (const text of [view.receiver.url, 'standard', 'invoice.*', 'All that granted it'])
    await terms.getByText(text).waitFor()
})

test('a test delivery tells what the receiver answers', async () => {
  view.receiver.answer = { status: 418, body: 'I am a teapot' }
  await view.press('Send a test')
  await page.getByText('The receiver answered 418.').waitFor()
  await page.getByText('I am a teapot').waitFor()
})

test('a new secret is shown once', async () => {
  await view.press('Rotate the secret')
  const what = view.dialog('Rotate the secret')
  await what.getByText('The old one signs beside it for a day.').waitFor()
  await what.getByRole('button', { name: 'Rotate the secret' }).click()
  const secret = await page.getByText(/^whsec_/).textContent()
  expect(secret).toMatch(/^whsec_.{24,}/)
  await page.reload()
  await view.state('Active')
  expect(await page.getByText(secret!).count()).toBe(0)
})

test('paused, nothing is sent until it is resumed', async () => {
  await view.press('Pause')
  await view.state('Paused')
  await page.getByText('New events wait in the log.').waitFor()
  // Who is served has it, so it was offered to this one as well.
  await world.subscribe(['invoice.*'])
  await view.publish('p-1')
  await expect.poll(() => world.receiver.bodies.length).toBe(1)
  expect(view.received()).toEqual([])
  await view.press('Resume')
  await expect.poll(() => view.received()).toEqual(['p-1'])
  await view.state('Active')
})

test('its deliveries are narrowed by status and error, which stand in the address', async () => {
  await view.sent('f-1')
  view.receiver.answer = { status: 500, body: 'out of order' }
  await view.publish('f-2')
  await expect.poll(() => view.received()).toContain('f-2')
  await view.open()
  await page.getByRole('link', { name: 'Look' }).click()
  await expect.poll(() => view.deliveries()).toEqual(['Waiting invoice.updated f-2'])
  await page.getByRole('search').getByLabel('Status').selectOption('delivered')
  await expect.poll(() => view.deliveries()).toEqual(['Delivered invoice.updated f-1'])
  expect(new URL(page.url()).searchParams.get('status')).toBe('delivered')
})

test('it is deleted by whoever types its name', async () => {
  const { host } = new URL(view.receiver.url)
  await view.press('Delete')
  const what = view.dialog('Delete')
  const confirm = what.getByRole('button', { name: 'Delete' })
  expect(await confirm.isDisabled()).toBe(true)
  await what.getByLabel(`Type ${host} to go on`).fill(host)
  const missing: string[] = []
  page.on('response', (response) => {
    if (response.status() === 404) missing.push(response.url())
  })
  await confirm.click()
  await page.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor()
  await page.getByRole('table', { name: 'Subscriptions' }).waitFor()
  // Its page was left before anything asked for it again.
  expect(missing).toEqual([])
  await view.open()
  await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor()
})
