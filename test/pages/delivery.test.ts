import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Receiver } from './receiver.ts'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page
let receiver: Receiver
let id: string
let path: string

beforeAll(async () => {
  world = await World.begin()
  receiver = await world.anotherReceiver({ status: 500, body: 'NullReferenceException in Hook.cs:12' })
  const subscription = await world.subscribe(['invoice.*'], receiver.url, { retry: { delaysSeconds: [1, 3600] } })
  await world.operator.publish([{ tenantId, type: 'invoice.updated', entityId: '3817', data: { total: 1250.5 } }])
  // The first attempt, and its retry a second later.
  await vi.waitUntil(() => receiver.bodies.length === 2, { timeout: 20_000 })
  const [delivery] = await Array.fromAsync(world.operator.deliveries.list({ subscription: subscription.id }))
  id = delivery!.id
  path = `/ui/deliveries/${id}`
  page = await world.operatorPage(path, { permissions: ['clipboard-read', 'clipboard-write'] })
})
afterAll(() => world?.end())

const attempts = () => rowsOf(page, 'Attempts')
const section = (name: string) => page.getByRole('region', { name })

test('says what it is, how it stands, and when it is tried again', async () => {
  await page.getByRole('heading', { level: 1, name: 'invoice.updated 3817' }).waitFor()
  const head = page.locator('main header')
  for (const text of ['Waiting', 'Next attempt', id, `Tenant ${tenantId}`]) await head.getByText(text).first().waitFor()
  await head.getByRole('link', { name: 'Event' }).waitFor()
  await head.getByRole('link', { name: 'Subscription' }).waitFor()
})

test('lists its attempts, newest first, with what each answered and where its time went', async () => {
  await expect.poll(async () => (await attempts()).length).toBe(2)
  const rows = await attempts()
  expect(rows.map(([number, , status, error]) => [number, status, error])).toEqual([
    ['2', '500', 'http_500'],
    ['1', '500', 'http_500'],
  ])
  for (const [, when, , , took, timing] of rows) {
    expect(when).toMatch(/\d\d:\d\d:\d\d\.\d{3} GMT\+01:00/)
    expect(took).toMatch(/^[\d.]+ (ms|sec)/)
    expect(timing).toContain('first byte')
  }
  // Only the first one made the connection.
  expect(rows[1]![5]).toContain('connect')
})

test('shows the answer of the attempt that is chosen, in the address', async () => {
  await page.getByRole('table', { name: 'Attempts' }).getByRole('link', { name: '1', exact: true }).click()
  await section('Answer to attempt 1').getByText('NullReferenceException in Hook.cs:12').waitFor()
  await section('Answer to attempt 1').getByText('content-type').waitFor()
  await section('Answer to attempt 1').getByText('text/html').waitFor()
  expect(new URL(page.url()).searchParams.get('attempt')).toBe('1')
  await page.reload()
  await section('Answer to attempt 1').getByText('The receiver answered 500.').waitFor()
})

test('shows the request, and copies it as a line for a shell, without what is secret', async () => {
  const request = section('Request')
  await request.getByText('"entityId":"3817"').waitFor()
  await request.getByText('webhook-id').waitFor()
  await request.getByRole('button', { name: 'Copy as curl' }).click()
  await request.getByRole('button', { name: 'Copied' }).waitFor()
  const line = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(line).toContain(`curl -sS -X 'POST' '${receiver.url}'`)
  expect(line).toContain(`webhook-id: ${id}`)
  expect(line).toContain('"entityId":"3817"')
  expect(line).not.toContain('v1,')
})

test('is sent again, and then it is delivered', async () => {
  receiver.answer = { status: 202, body: 'thank you' }
  await page.getByRole('button', { name: 'Resend' }).click()
  await page.getByText('Queued').waitFor()
  await page.locator('main header').getByText('Delivered').waitFor()
  await expect
    .poll(async () => (await attempts()).map(([number, , status]) => [number, status]))
    .toContainEqual(['3', '202'])
})

test('one that is not there is said to be missing', async () => {
  await world.open(page, '/ui/deliveries/dlv_nowhere')
  await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor()
})

test('the list of all is narrowed by every filter, which stands in the address', async () => {
  await world.subscribe(['order.*'])
  await world.operator.publish([{ tenantId, type: 'order.created', entityId: 'o-1' }])
  await expect.poll(() => world.receiver.bodies.length).toBe(1)
  await world.open(page, '/ui/deliveries')
  const field = (name: string) => page.getByRole('search').getByLabel(name, { exact: true })
  const listed = async () => (await rowsOf(page, 'Deliveries')).map(([, , event]) => event)
  await expect.poll(listed).toHaveLength(2)
  for (const [name, text] of [
    ['Type', 'order.*'],
    ['Entity', 'o-1'],
    ['Tenant', String(tenantId)],
  ] as const) {
    await field(name).fill(text)
    await field(name).press('Enter')
    await expect.poll(listed).toEqual(['order.created o-1'])
  }
  await field('Status').selectOption('delivered')
  await expect
    .poll(() => Object.fromEntries(new URL(page.url()).searchParams))
    .toEqual({
      types: 'order.*',
      entity: 'o-1',
      tenants: String(tenantId),
      status: 'delivered',
    })
  await page.getByRole('link', { name: 'order.created o-1' }).click()
  await section('Answer to attempt 1').waitFor()
  await page.goBack()
  await expect.poll(listed).toEqual(['order.created o-1'])
  await field('Since').fill('2020-01-02T03:04')
  await field('Since').press('Enter')
  await expect.poll(() => new URL(page.url()).searchParams.get('since')).toBe('2020-01-02T02:04:00.000Z')
  await expect.poll(listed).toEqual(['order.created o-1'])
  await field('Error').fill('http_500')
  await field('Error').press('Enter')
  await page.getByText('Nothing was sent').waitFor()
})
