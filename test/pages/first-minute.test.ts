import { afterAll, beforeAll, expect, test } from 'vitest'
import { tenantId, World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await World.begin()
})
afterAll(() => world?.end())

test('from a subscription to an event, its failure, why, and its repair', async () => {
  const page = await world.operatorPage()
  await page.getByRole('link', { name: 'Subscriptions' }).click()
  await page.getByRole('link', { name: 'New subscription' }).first().click()
  await page.getByRole('combobox', { name: 'Integration' }).selectOption({ label: 'Payroll Sync' })
  await page.getByLabel('Every type').check()
  await page.getByLabel('URL').fill(world.receiver.url)
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { level: 1, name: 'The subscription is made' }).waitFor()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('Accepted with 204').waitFor()
  await page.getByRole('link', { name: 'Keep it' }).click()

  world.receiver.answer = { status: 500, body: 'NullReferenceException in Hook.cs:12' }
  const events = await world.operator.publish([
    { tenantId, type: 'invoice.updated', entityId: '3817', data: { total: 1250.5 } },
  ])
  await page.getByRole('link', { name: /invoice\.updated 3817/ }).click()
  await page.getByText('The receiver answered 500.').waitFor()
  await page.getByText('NullReferenceException in Hook.cs:12').waitFor()

  world.receiver.answer = { status: 204, body: '' }
  await page.getByRole('button', { name: 'Resend' }).click()
  await page.getByText('Delivered').waitFor()
  expect(world.receiver.bodies.at(-1)).toContain(events[0]!.offset)
})
