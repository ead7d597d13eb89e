import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page
/** Of another integration, whose subscription and delivery the portal must not show. */
let foreign: { readonly subscription: string; readonly delivery: string }

beforeAll(async () => {
  world = await World.begin()
  const other = await world.operator.integrations.create({ name: 'Stranger' })
  await world.operator.integrations.tokens(other.id).create({ tenantId })
  const elsewhere = await world.anotherReceiver()
  const draft = { integrationId: other.id, endpoint: { url: elsewhere.url }, types: ['invoice.*'] }
  const { id } = await world.operator.subscriptions.create(draft)
  await world.subscribe(['invoice.*'])
  await world.operator.publish([{ tenantId, type: 'invoice.updated', entityId: '3817', id: 'inv-1' }])
  const deliveries = () => Array.fromAsync(world.operator.deliveries.list({ subscription: id }))
  await vi.waitUntil(async () => (await deliveries()).length === 1, { timeout: 20_000 })
  await vi.waitUntil(() => world.receiver.bodies.length === 1, { timeout: 20_000 })
  foreign = { subscription: id, delivery: (await deliveries())[0]!.id }

  const { url } = await world.operator.request<{ url: string }>({
    method: 'POST',
    path: '/v1/portal-links',
    body: { integrationId: world.integration.id },
  })
  page = await world.freshPage()
  await page.goto(url)
  await page.getByRole('heading', { level: 1, name: 'Your webhooks' }).waitFor()
})
afterAll(() => world?.end())

const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
const goTo = (name: string) => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()

test('the portal has the pages of an integrator, in words of its own', async () => {
  const names = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()
  expect(names).toEqual([
    ...['Events', 'Your webhooks', 'What we sent you', 'Catalogue', 'Your streams', 'Settings by system'],
  ])
  for (const name of names) {
    await goTo(name)
    await heading(name)
    expect(await page.getByRole('alert').allTextContents(), name).toEqual([])
  }
})

test('it lists its own webhooks and deliveries alone', async () => {
  await goTo('Your webhooks')
  await expect.poll(async () => (await rowsOf(page, 'Subscriptions')).length).toBe(1)
  await goTo('What we sent you')
  await expect.poll(async () => (await rowsOf(page, 'Deliveries')).length).toBe(1)
  await page.getByRole('link', { name: 'invoice.updated 3817' }).click()
  await heading('invoice.updated 3817')
  await page.getByRole('region', { name: 'Request' }).getByText('"entityId":"3817"').waitFor()
})

test('an event shows who of its own got it, and nobody else', async () => {
  await goTo('Events')
  await page.getByRole('link', { name: 'invoice.updated 3817' }).click()
  const got = page.getByRole('region', { name: 'Who got it' }).getByRole('listitem')
  await got.first().waitFor()
  expect(await got.count()).toBe(1)
  expect(await page.getByText(foreign.subscription).count()).toBe(0)
})

test('what is of another is not there, and pages of the operator are not for it', async () => {
  for (const path of [`subscriptions/${foreign.subscription}`, `deliveries/${foreign.delivery}`]) {
    await world.open(page, `/ui/portal/${path}`)
    await heading('There is nothing here')
  }
  for (const path of ['integrations', 'audit']) {
    await world.open(page, `/ui/portal/${path}`)
    await page.getByText('Your key may not see this').waitFor()
  }
})

test('its webhook is rotated, disabled and enabled, and deleted by itself', async () => {
  await world.open(page, '/ui/portal/subscriptions')
  await page.getByRole('link', { name: world.receiver.url }).click()
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const confirm = (name: string) => page.getByRole('dialog', { name }).getByRole('button', { name }).click()
  await press('Rotate the secret')
  await confirm('Rotate the secret')
  await page.getByText(/^whsec_/).waitFor()
  await press('Disable')
  await confirm('Disable')
  await press('Enable')
  await confirm('Enable')
  await press('Delete')
  const { host } = new URL(world.receiver.url)
  await page.getByRole('dialog', { name: 'Delete' }).getByLabel(`Type ${host} to go on`).fill(host)
  await confirm('Delete')
  await page.getByText('No subscription yet').waitFor()
})
