import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  await world.operator.eventTypes.put('pallet.moved', {
    topic: 'pallets',
    description: 'A pallet stands elsewhere',
    dataSchema: { type: 'object', required: ['shelf'], properties: { shelf: { type: 'string' } } },
  })
  page = await world.operatorPage('/ui/catalogue')
})
afterAll(() => world?.end())

const field = (name: string) => page.getByRole('search').getByLabel(name, { exact: true })
const listed = async () => (await rowsOf(page, 'Catalogue')).map(([type]) => type)
const detail = (type: string) => page.getByRole('region', { name: type, exact: true })

test('types are found by text and by dialect, which stand in the address', async () => {
  await field('Search').fill('pallet')
  await field('Search').press('Enter')
  await expect.poll(listed).toEqual(['pallet.moved'])
  await page.getByText('1 type', { exact: true }).waitFor()
  await field('Dialect').selectOption('tripletex')
  await page.getByText('No type is like this').waitFor()
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ search: 'pallet', dialect: 'tripletex' })
})

test('a type tells its topic, its name in each dialect, its fields and its schema', async () => {
  await world.open(page, '/ui/catalogue?search=customer.updated')
  await page.getByRole('link', { name: 'customer.updated', exact: true }).click()
  for (const text of ['customers', 'tripletex', 'fortnox'])
    await detail('customer.updated').getByText(text).first().waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await detail('customer.updated').waitFor({ state: 'detached' })

  await world.open(page, '/ui/catalogue?type=pallet.moved')
  await detail('pallet.moved').getByRole('figure', { name: 'Schema of data' }).getByText('"shelf"').first().waitFor()
})

test('a type has a sample in each dialect that can name it', async () => {
  await world.open(page, '/ui/catalogue?type=customer.updated')
  const samples = page.getByRole('region', { name: 'Sample in each dialect' })
  await samples.getByRole('figure', { name: 'standard' }).getByText('"type":"customer.updated"').waitFor()
  await samples.getByRole('tab', { name: 'tripletex' }).click()
  await samples.getByRole('figure', { name: 'tripletex' }).getByText('"customer.update"').waitFor()
  expect(await samples.getByRole('tab').allTextContents()).not.toContain('moneybird')
})

test('whoever may publishes one to try, with every digit, and sees it refused where it is wrong', async () => {
  await world.open(page, '/ui/catalogue?type=pallet.moved')
  const event = page.getByRole('region', { name: 'Try it out' }).getByLabel('The event')
  await event.fill(`{"tenantId": ${tenantId}, "type": "pallet.moved", "entityId": "7", "data": {"kg": 1.50}}`)
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByRole('alert').getByText('/data/shelf').waitFor()
  await event.fill(
    `{"tenantId": ${tenantId}, "type": "pallet.moved", "entityId": "7", "data": {"shelf": "A", "kg": 12345678901234567.890}}`,
  )
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('Published').waitFor()
  await page.getByRole('status').getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: 'pallet.moved 7' }).waitFor()
  await page.getByRole('figure', { name: 'Event' }).getByText('12345678901234567.890').waitFor()
})

test('nobody else is offered to publish', async () => {
  const { clientId, clientSecret } = world.integration
  const other = await world.signedIn(`${clientId}:${clientSecret}`)
  await world.open(other, '/ui/catalogue?type=pallet.moved')
  await other.getByRole('figure', { name: 'Schema of data' }).waitFor()
  expect(await other.getByRole('button', { name: 'Publish' }).count()).toBe(0)
  const refused = await other.evaluate(
    async (event) => {
      const headers = { 'content-type': 'application/json', 'x-tidings-session': '1' }
      return (await fetch('/v1/events', { method: 'POST', headers, body: JSON.stringify(event) })).status
    },
    { tenantId, type: 'pallet.moved', entityId: '8', data: { shelf: 'A' } },
  )
  expect(refused).toBe(403)
})
