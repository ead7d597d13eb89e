import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Receiver } from './receiver.ts'
import { tenantId, World } from './world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  await world.subscribe(['order.*'])
  page = await world.operatorPage()
})
afterAll(() => world?.end())

const row = (name: string) =>
  page.getByRole('region', { name: 'Needs attention' }).getByRole('listitem').filter({ hasText: name })
const add = async (description: string) => {
  const receiver: Receiver = await world.anotherReceiver()
  const { id } = await world.subscribe(['invoice.*'], receiver.url, { description })
  return { receiver, id }
}
const publish = (entityId: string) => world.operator.publish([{ tenantId, type: 'invoice.updated', entityId }])

test('when nothing is wrong it says so in one line', async () => {
  await page.getByText('Every subscription is being served.').waitFor()
})

test('a subscription that was disabled is enabled from its row', async () => {
  const { id } = await add('Payroll Sync')
  await world.integrator.subscriptions.disable(id)
  await world.open(page, '/ui/')
  await row('Payroll Sync').getByText('Disabled', { exact: true }).waitFor()
  await row('Payroll Sync').getByRole('button', { name: 'Enable' }).click()
  const what = page.getByRole('dialog', { name: 'Enable' })
  await what.getByRole('button', { name: 'Enable' }).click()
  await row('Payroll Sync').waitFor({ state: 'detached' })
  expect((await world.operator.subscriptions.get(id)).status).toBe('active')
})

test('what was not accepted is counted with its error, and sent again from its row', async () => {
  const { receiver } = await add('Stock Mirror')
  receiver.answer = { status: 500, body: 'out of order' }
  await publish('i-1')
  await publish('i-2')
  await expect.poll(() => receiver.bodies.length).toBe(2)
  await world.open(page, '/ui/')
  await row('Stock Mirror').getByText('2 undelivered').waitFor()
  await row('Stock Mirror').getByText('http_500').waitFor()
  receiver.answer = { status: 204, body: '' }
  await row('Stock Mirror').getByRole('button', { name: 'Resend' }).click()
  const what = page.getByRole('dialog', { name: 'Resend what is undelivered' })
  await what.getByText('2 deliveries are sent again to').waitFor()
  await what.getByRole('button', { name: 'Resend' }).click()
  // It asks again every ten seconds; a test asks sooner.
  const allWell = page.getByText('Every subscription is being served.')
  await expect
    .poll(async () => {
      await world.open(page, '/ui/')
      await allWell.or(row('Stock Mirror')).first().waitFor()
      return allWell.isVisible()
    })
    .toBe(true)
  expect(receiver.bodies).toHaveLength(4)
})

test('each row leads to the subscription that it is about', async () => {
  const { id } = await add('Old Importer')
  await world.integrator.subscriptions.disable(id)
  await world.open(page, '/ui/')
  await row('Old Importer').getByRole('link', { name: 'Look' }).click()
  await page.getByRole('heading', { level: 1, name: 'Old Importer' }).waitFor()
})

test('the pulse is of the time that is chosen, which stands in the address', async () => {
  await world.open(page, '/ui/')
  const pulse = page.getByRole('region', { name: 'Pulse' })
  for (const [name, range] of [
    ['24 h', '24h'],
    ['14 days', '14d'],
    ['1 h', '1h'],
  ] as const) {
    await page.getByRole('radiogroup', { name: 'Time range' }).getByText(name, { exact: true }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('range')).toBe(range)
    await page.reload()
    await page.getByRole('radio', { name, checked: true }).waitFor({ state: 'attached' })
    await pulse.getByRole('img', { name: 'Published' }).waitFor()
  }
  await page.getByRole('region', { name: 'Deliveries' }).getByRole('img', { name: 'Deliveries' }).waitFor()
})
