import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Receiver } from './receiver.ts'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page
let receiver: Receiver
let id: string

beforeAll(async () => {
  world = await World.begin()
  page = await world.operatorPage('/ui/subscriptions')
})
afterAll(() => world?.end())

/** A subscription of its own for each test, so that none sees what another did. */
beforeEach(async () => {
  receiver = await world.anotherReceiver()
  id = (await world.subscribe(['invoice.*'], receiver.url)).id
  await world.open(page, `/ui/subscriptions/${id}`)
})

const publish = (...entities: string[]) =>
  world.operator.publish(entities.map((entityId) => ({ tenantId, type: 'invoice.updated', entityId })))
const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
const dialog = (name: string) => page.getByRole('dialog', { name })
const state = () => page.locator('main header')
const deliveries = async () => (await rowsOf(page, 'Deliveries')).map(([, status, event]) => `${status} ${event}`)
const received = () => receiver.bodies.map((body) => (JSON.parse(body) as { entityId: string }).entityId)

test('shows whether it is served, its numbers, its deliveries and what it asked for', async () => {
  await publish('s-1')
  await expect.poll(received).toEqual(['s-1'])
  await world.open(page, `/ui/subscriptions/${id}`)
  await expect.poll(deliveries).toEqual(['Delivered invoice.updated s-1'])
  await state().getByText('Active').waitFor()
  const now = page.getByRole('region', { name: 'Now' })
  for (const name of ['Waiting', 'Behind', 'Being sent']) await now.getByText(name, { exact: true }).waitFor()
  const terms = page.getByRole('region', { name: 'What it asked for' })
  for (const text of [receiver.url, 'standard', 'invoice.*', 'All that granted it'])
    await terms.getByText(text).waitFor()
})

test('a test delivery tells what the receiver answers', async () => {
  receiver.answer = { status: 418, body: 'I am a teapot' }
  await press('Send a test')
  await page.getByText('The receiver answered 418.').waitFor()
  await page.getByText('I am a teapot').waitFor()
})

test('a new secret is shown once', async () => {
  await press('Rotate the secret')
  const what = dialog('Rotate the secret')
  await what.getByText('The old one signs beside it for a day.').waitFor()
  await what.getByRole('button', { name: 'Rotate the secret' }).click()
  const secret = await page.getByText(/^whsec_/).textContent()
  expect(secret).toMatch(/^whsec_.{24,}/)
  await page.reload()
  await state().getByText('Active').waitFor()
  expect(await page.getByText(secret!).count()).toBe(0)
})

test('paused, nothing is sent until it is resumed', async () => {
  await press('Pause')
  await state().getByText('Paused').waitFor()
  await page.getByText('New events wait in the log.').waitFor()
  // Who is served has it, so it was offered to this one as well.
  await world.subscribe(['invoice.*'])
  await publish('p-1')
  await expect.poll(() => world.receiver.bodies.length).toBe(1)
  expect(received()).toEqual([])
  await press('Resume')
  await expect.poll(received).toEqual(['p-1'])
  await state().getByText('Active').waitFor()
})

test('disabled, it keeps what comes, and sends it when it is enabled', async () => {
  await press('Disable')
  await dialog('Disable').getByText('Nothing is sent until it is enabled.').waitFor()
  await dialog('Disable').getByRole('button', { name: 'Disable' }).click()
  await state().getByText('Disabled').waitFor()
  await publish('d-1')
  await press('Enable')
  await dialog('Enable').getByText('1 event has come meanwhile.').waitFor()
  await dialog('Enable').getByLabel('Where it stopped: nothing is missed').check()
  await dialog('Enable').getByRole('button', { name: 'Enable' }).click()
  await expect.poll(received).toEqual(['d-1'])
  await state().getByText('Active').waitFor()
})

test('enabled from now, what came meanwhile is left out', async () => {
  await world.integrator.subscriptions.disable(id)
  await publish('n-1')
  await world.open(page, `/ui/subscriptions/${id}`)
  await press('Enable')
  await dialog('Enable').getByLabel('From now: what came meanwhile is left out').check()
  await dialog('Enable').getByRole('button', { name: 'Enable' }).click()
  await state().getByText('Active').waitFor()
  await publish('n-2')
  await expect.poll(received).toEqual(['n-2'])
})

test('what is undelivered is sent again, and its progress is there after leaving the page', async () => {
  receiver.answer = { status: 500, body: 'out of order' }
  const entities = ['u-1', 'u-2', 'u-3']
  await publish(...entities)
  await expect.poll(received).toEqual(entities)
  await world.open(page, `/ui/subscriptions/${id}`)
  await page.getByText('3 undelivered').waitFor()
  receiver.answer = { status: 204, body: '' }
  await press('Resend')
  const what = dialog('Resend what is undelivered')
  await what.getByText('3 deliveries are sent again to').waitFor()
  await what.getByText(receiver.url).waitFor()
  await what.getByRole('button', { name: 'Resend' }).click()
  await page.getByRole('link', { name: 'Streams' }).click()
  await page.getByText('Nobody is connected').waitFor()
  await page.goBack()
  await page.getByText('Resend done').waitFor()
  await page.getByText('3 queued again, 0 were queued already').waitFor()
  await expect.poll(deliveries).toEqual(entities.toReversed().map((entity) => `Delivered invoice.updated ${entity}`))
})

test('its deliveries are narrowed by status and error, which stand in the address', async () => {
  await publish('f-1')
  await expect.poll(received).toEqual(['f-1'])
  receiver.answer = { status: 500, body: 'out of order' }
  await publish('f-2')
  await expect.poll(received).toContain('f-2')
  await world.open(page, `/ui/subscriptions/${id}`)
  await page.getByRole('link', { name: 'Look' }).click()
  await expect.poll(deliveries).toEqual(['Waiting invoice.updated f-2'])
  await page.getByRole('search').getByLabel('Status').selectOption('delivered')
  await expect.poll(deliveries).toEqual(['Delivered invoice.updated f-1'])
  expect(new URL(page.url()).searchParams.get('status')).toBe('delivered')
})

test('a rewind says how many events are sent again, from when and to where, and sends them', async () => {
  await publish('r-1', 'r-2')
  await expect.poll(received).toEqual(['r-1', 'r-2'])
  await press('Rewind')
  const what = dialog('Send again from a time')
  const days = what.getByRole('group', { name: 'Day' }).getByRole('button')
  expect(await days.count()).toBe(15)
  await days.last().click()
  await what.getByLabel('Time').fill('00:00')
  await what.getByText(/^Up to \d+ events are sent again, from/).waitFor()
  await what.getByText(receiver.url).waitFor()
  await what.getByRole('button', { name: 'Rewind' }).click()
  // The tenant's earlier events of the day are sent too: a rewind reaches back to before the subscription.
  await expect.poll(() => received().slice(2)).toEqual(expect.arrayContaining(['r-1', 'r-2']))
})

test('it is deleted by whoever types its name', async () => {
  const { host } = new URL(receiver.url)
  await press('Delete')
  const what = dialog('Delete')
  const confirm = what.getByRole('button', { name: 'Delete' })
  expect(await confirm.isDisabled()).toBe(true)
  await what.getByLabel(`Type ${host} to go on`).fill(host)
  await confirm.click()
  await page.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor()
  await world.open(page, `/ui/subscriptions/${id}`)
  await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor()
})
