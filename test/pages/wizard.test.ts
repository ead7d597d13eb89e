import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { tenantId, World } from './world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  await world.operator.publish(
    [500, 1500, 2500].map((total) => ({
      tenantId,
      type: 'invoice.updated',
      entityId: `i-${total}`,
      data: { total },
    })),
  )
  page = await world.operatorPage('/ui/subscriptions/new')
})
afterAll(() => world?.end())
beforeEach(() => world.open(page, '/ui/subscriptions/new'))

const step = (name: string) => page.getByRole('region', { name, exact: true })
const create = () => page.getByRole('button', { name: 'Create', exact: true })
const integration = () => page.getByRole('combobox', { name: 'Integration' }).selectOption({ label: 'Payroll Sync' })
const made = () => Array.fromAsync(world.operator.subscriptions.list())

test('says what is missing until nothing is', async () => {
  await page.getByText('Choose the integration.').waitFor()
  expect(await create().isDisabled()).toBe(true)
  await integration()
  await page.getByText('Choose at least one type.').waitFor()
  await page.getByLabel('Every type').check()
  await page.getByText('Give the URL of the receiver.').waitFor()
  await page.getByLabel('URL').fill(world.receiver.url)
  expect(await create().isEnabled()).toBe(true)
  await step('Filter').getByRole('textbox').fill('{"data":')
  await page.getByText('The filter is a JSON object.').first().waitFor()
  expect(await create().isDisabled()).toBe(true)
})

test('types are picked from the catalogue of the dialect, each with a sample', async () => {
  const types = step('Types')
  await types.getByLabel('Search').fill('invoice.updated')
  await types.getByRole('checkbox', { name: 'invoice.updated', exact: true }).check()
  await types.getByText(/^1 of \d+ chosen$/).waitFor()
  const invoices = types.getByRole('listitem').filter({ has: page.getByText('invoice.updated', { exact: true }) })
  await invoices.getByRole('button', { name: 'Sample' }).click()
  await types.getByRole('figure', { name: 'invoice.updated' }).getByText('"entityId":"3817"').waitFor()

  const everyType = await types.getByText(/^1 of \d+ chosen$/).textContent()
  await page.getByRole('combobox', { name: 'Dialect' }).selectOption('tripletex')
  const ofTripletex = await types.getByText(/^0 of \d+ chosen$/).textContent()
  const count = (text: string | null) => Number(/of (\d+)/.exec(text ?? '')?.[1])
  expect(count(ofTripletex)).toBeGreaterThan(5)
  expect(count(ofTripletex)).toBeLessThan(count(everyType))
})

test('a filter is tried on events of the log', async () => {
  await page.getByLabel('Every type').check()
  await step('Filter').getByRole('textbox').fill('{"data.total": {"$gte": 1000}}')
  await step('Filter').getByRole('button', { name: 'Try the filter' }).click()
  await page.getByText('2 of 3 events of the log would be sent').waitFor()
  const rows = await step('Filter').getByRole('listitem').allTextContents()
  expect(rows.map((row) => row.replaceAll(/\s+/g, ' ').trim()).toSorted()).toEqual([
    'Filtered invoice.updated i-500',
    'Sent invoice.updated i-1500',
    'Sent invoice.updated i-2500',
  ])
})

test('the answer of its receiver is shown before anything is saved, and is of what stands there', async () => {
  const receiver = await world.anotherReceiver({ status: 503, body: 'Closed for stocktaking' })
  const before = (await made()).length
  const test = step('Does the receiver answer?')
  expect(await test.getByRole('button', { name: 'Send a test' }).isDisabled()).toBe(true)
  await integration()
  await page.getByLabel('Every type').check()
  await page.getByLabel('URL').fill(receiver.url)
  await test.getByRole('button', { name: 'Send a test' }).click()
  await test.getByText('The receiver answered 503.').waitFor()
  await test.getByText('Closed for stocktaking').waitFor()
  receiver.answer = { status: 204, body: '' }
  await test.getByRole('button', { name: 'Send a test' }).click()
  await test.getByText('Accepted with 204').waitFor()
  await page.getByLabel('URL').fill(`${receiver.url}/elsewhere`)
  await test.getByText('Accepted with 204').waitFor({ state: 'detached' })
  expect(await made()).toHaveLength(before)
})

test('makes it of all that was chosen, shows its secret once, and how to verify in six languages', async () => {
  await integration()
  await step('Types').getByLabel('Search').fill('invoice.updated')
  await step('Types').getByRole('checkbox', { name: 'invoice.updated', exact: true }).check()
  await step('Tenants').getByText('Some').click()
  await page.getByLabel('Ids, with commas between').fill(String(tenantId))
  await page.getByLabel('URL').fill(world.receiver.url)
  await page.getByLabel('Description').fill('Payroll of Bygg')
  await step('Filter').getByRole('textbox').fill('{"data.total": {"$gte": 1000.00}}')
  await create().click()
  await page.getByRole('heading', { level: 1, name: 'The subscription is made' }).waitFor()

  const secret = await page.getByText(/^whsec_/).textContent()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('Accepted with 204').waitFor()
  const code = step('How the receiver verifies')
  const languages = await code.getByRole('tab').allTextContents()
  expect(languages).toEqual(['Node.js', 'Python', 'Go', 'PHP', 'Java', 'C#'])
  for (const language of languages) {
    await code.getByRole('tab', { name: language }).click()
    await code
      .getByRole('tabpanel', { name: language })
      .getByText(/webhook|hmac/i)
      .first()
      .waitFor()
  }

  await page.getByRole('link', { name: 'Keep it' }).click()
  await page.getByRole('heading', { level: 1, name: 'Payroll of Bygg' }).waitFor()
  const [subscription] = await made()
  expect(subscription).toMatchObject({
    types: ['invoice.updated'],
    tenants: [tenantId],
    filter: { 'data.total': { $gte: 1000 } },
    dialect: 'standard',
  })
  await page.goBack()
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(await page.getByText(secret!).count()).toBe(0)
})

test('a receiver that refuses is seen, and nothing stays of what is discarded', async () => {
  const before = (await made()).length
  await integration()
  await page.getByLabel('Every type').check()
  await page.getByLabel('URL').fill((await world.anotherReceiver({ status: 401, body: 'Who are you?' })).url)
  await create().click()
  await page.getByRole('heading', { level: 1, name: 'The subscription is made' }).waitFor()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('The receiver answered 401.').waitFor()
  await page.getByText('Who are you?').waitFor()
  await page.getByRole('button', { name: 'Discard it' }).click()
  await page.getByRole('heading', { level: 1, name: 'New subscription' }).waitFor()
  expect(await made()).toHaveLength(before)
})

test('what the server refuses is told where it was asked for', async () => {
  await integration()
  await page.getByLabel('Every type').check()
  await page.getByLabel('URL').fill('http://10.255.255.1/hook')
  await create().click()
  await page.getByRole('alert').getByText('/endpoint/url').waitFor()
})
