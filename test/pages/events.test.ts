import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

const otherTenant = 41877
let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  await world.operator.tenants.create({ id: otherTenant, name: 'Fisk AS' })
  await publish('invoice.updated', 'i-1')
  await publish('customer.updated', 'c-1')
  await publish('customer.created', 'c-1', otherTenant)
  page = await world.operatorPage('/ui/events')
})
afterAll(() => world?.end())

const publish = async (type: string, entityId: string, of = tenantId) =>
  (await world.operator.publish([{ tenantId: of, type, entityId, actor: 'ola.normann' }]))[0]!
/** The events that are listed, newest first. */
const listed = async () => (await rowsOf(page, 'Events')).map(([, event]) => event)
const search = () => Object.fromEntries(new URL(page.url()).searchParams)
const field = (name: string) => page.getByRole('search').getByLabel(name, { exact: true })
/** Live from here on: what is published next arrives by the stream. */
const isLive = () => page.getByText(/^Live, heard/).waitFor()

test('an event appears as it is published, and waits behind a count while somebody reads', async () => {
  await world.open(page, '/ui/events')
  await isLive()
  await publish('order.created', 'o-1')
  await page.getByRole('link', { name: 'order.created o-1' }).waitFor()

  await page.keyboard.press('p')
  await page.getByRole('button', { name: 'Go on', pressed: true }).waitFor()
  await publish('order.created', 'o-2')
  await publish('order.created', 'o-3')
  await page.getByRole('button', { name: '2 new' }).waitFor()
  expect((await listed())[0]).toBe('order.created o-1')

  await page.getByRole('button', { name: '2 new' }).click()
  await expect.poll(listed).toEqual(expect.arrayContaining(['order.created o-3', 'order.created o-2']))
  expect((await listed()).slice(0, 3)).toEqual(['order.created o-3', 'order.created o-2', 'order.created o-1'])
  await page.getByRole('button', { name: 'Pause', pressed: false }).waitFor()
})

test.each([
  ['Type', 'customer.*', { types: 'customer.*' }, ['customer.created c-1', 'customer.updated c-1']],
  ['Tenant', String(otherTenant), { tenant: String(otherTenant) }, ['customer.created c-1']],
  ['Entity', 'i-1', { entity: 'i-1' }, ['invoice.updated i-1']],
] as const)('the filter %s stands in the address', async (name, text, address, found) => {
  await world.open(page, '/ui/events')
  await field(name).fill(text)
  await field(name).press('Enter')
  await expect.poll(listed).toEqual(found)
  expect(search()).toEqual(address)

  await page.reload()
  await expect.poll(listed).toEqual(found)
  expect(await field(name).inputValue()).toBe(text)
})

test('topic and time are chosen, and stand in the address', async () => {
  await world.open(page, '/ui/events')
  await field('Topic').selectOption('invoices')
  await expect.poll(listed).toEqual(['invoice.updated i-1'])
  await field('Since').selectOption({ label: '1 h ago' })
  await expect.poll(() => Date.now() - Date.parse(search().since ?? '')).toBeGreaterThan(3_590_000)
  expect(search().topic).toBe('invoices')
  await expect.poll(listed).toEqual(['invoice.updated i-1'])

  await world.open(page, `/ui/events?since=${new Date(Date.now() + 3_600_000).toISOString()}`)
  await page.getByText('No event in this time').waitFor()
})

test('a time that ends stands in the address, and nothing comes after it', async () => {
  await world.open(page, '/ui/events?types=invoice.updated')
  await isLive()
  await field('Until').fill('2020-01-02T03:04')
  await field('Until').press('Enter')
  await page.getByText('No event in this time').waitFor()
  // Three o'clock in Oslo.
  expect(search()).toEqual({ types: 'invoice.updated', until: '2020-01-02T02:04:00.000Z' })
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0)
  await page.reload()
  expect(await field('Until').inputValue()).toBe('2020-01-02T03:04')
  await field('Until').fill('')
  await field('Until').press('Enter')
  await expect.poll(listed).toContain('invoice.updated i-1')
  await isLive()
})

test('what the filter leaves out does not come by the stream either', async () => {
  await world.open(page, '/ui/events?types=product.*')
  await isLive()
  await publish('invoice.updated', 'i-2')
  await publish('product.updated', 'p-1')
  await expect.poll(listed).toEqual(['product.updated p-1'])
})

test('back and forward keep the filters', async () => {
  await world.open(page, '/ui/events')
  await field('Type').fill('customer.updated')
  await field('Type').press('Enter')
  await page.getByRole('link', { name: 'customer.updated c-1' }).click()
  await page.getByRole('heading', { level: 1, name: 'customer.updated c-1' }).waitFor()
  await page.goBack()
  await expect.poll(listed).toEqual(['customer.updated c-1'])
  expect(await field('Type').inputValue()).toBe('customer.updated')
  await page.goForward()
  await page.getByRole('heading', { level: 1, name: 'customer.updated c-1' }).waitFor()
})

test('an event is opened by its id', async () => {
  const { id } = await publish('invoice.updated', 'i-9')
  await world.open(page, '/ui/events')
  await field('Open by id').fill(id)
  await field('Open by id').press('Enter')
  await page.getByRole('heading', { level: 1, name: 'invoice.updated i-9' }).waitFor()
})
