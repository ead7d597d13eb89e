import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page
let path: string
const subscriptions: Record<string, string> = {}

beforeAll(async () => {
  world = await World.begin()
  const broken = await world.anotherReceiver({ status: 503, body: 'Closed for stocktaking' })
  const add = async (name: string, types: string[], more = {}, url = world.receiver.url) => {
    subscriptions[name] = (await world.subscribe(types, url, more)).id
  }
  await add('served', ['*'])
  await add('broken', ['customer.*'], {}, broken.url)
  await add('filtered', ['customer.*'], { filter: { 'data.total': { $gt: 100_000 } } })
  await add('other', ['order.*'])
  await add('disabled', ['customer.*'])
  await world.integrator.subscriptions.disable(subscriptions.disabled!)
  const data = { id: 3817, total: 1250.5 }
  const event = { tenantId, type: 'customer.updated', entityId: '3817', id: 'cus-3817-v12', actor: 'ola.normann', data }
  await world.operator.publish([event])
  path = '/ui/events/cus-3817-v12'
  page = await world.operatorPage(path)
})
afterAll(() => world?.end())

const reasonOf = (name: string) =>
  page.getByRole('region', { name: 'Who got it' }).getByRole('listitem').filter({ hasText: subscriptions[name]! })

test('says what happened: type, entity, tenant, place, id and who did it', async () => {
  await page.getByRole('heading', { level: 1, name: 'customer.updated 3817' }).waitFor()
  const head = page.locator('main header')
  for (const text of [`Tenant ${tenantId}`, 'customers @', 'cus-3817-v12', 'ola.normann'])
    await head.getByText(text).waitFor()
})

test.each([
  ['served', 'Delivered'],
  ['broken', 'Waiting'],
  ['filtered', 'Filtered'],
  ['other', 'Type not subscribed'],
  ['disabled', 'Disabled'],
])('explains to the subscription that is %s: %s', async (name, reason) => {
  await reasonOf(name).getByText(reason, { exact: true }).waitFor()
})

test('a reason is told in words, with the step that mends it', async () => {
  await reasonOf('filtered').getByText('data.total').waitFor()
  await reasonOf('disabled').getByRole('button', { name: 'Enable' }).click()
  await reasonOf('disabled').getByText('Delivered', { exact: true }).waitFor()
})

test('shows its own text and what each dialect makes of it, in the address', async () => {
  const section = page.getByRole('region', { name: 'The event, and how each dialect sends it' })
  await section.getByRole('figure', { name: 'Event' }).getByText('"total": 1250.5').waitFor()
  await section.getByRole('tab', { name: 'tripletex' }).waitFor()
  const dialects = await section.getByRole('tab').allTextContents()
  expect(dialects).toEqual(expect.arrayContaining(['Event', 'standard', 'cloudevents', 'tripletex', 'fortnox']))
  await section.getByRole('tab', { name: 'tripletex' }).click()
  await section.getByRole('figure', { name: 'tripletex' }).getByText('subscriptionId').waitFor()
  expect(new URL(page.url()).searchParams.get('body')).toBe('tripletex')
  await page.reload()
  await section.getByRole('tab', { name: 'tripletex', selected: true }).waitFor()
})

test('lists its deliveries, and each leads to its page', async () => {
  await expect.poll(async () => (await rowsOf(page, 'Deliveries')).length).toBeGreaterThan(1)
  await reasonOf('broken').getByRole('link', { name: 'Delivery' }).click()
  await page.getByText('Closed for stocktaking').waitFor()
})

test('an event that is not there is said to be missing', async () => {
  await world.open(page, '/ui/events/evt_nowhere')
  await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor()
  await page.getByRole('button', { name: 'Try again' }).waitFor()
})
