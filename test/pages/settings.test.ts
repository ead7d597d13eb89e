import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page
let token: string

beforeAll(async () => {
  world = await World.begin()
  const made = await world.operator.integrations.tokens(world.integration.id).create({ tenantId })
  token = made.accessToken
  const { clientId, clientSecret } = world.integration
  page = await world.signedIn(`${clientId}:${clientSecret}`, '/ui/settings')
})
afterAll(() => world?.end())

async function openByToken(dialect: string): Promise<void> {
  await world.open(page, `/ui/settings?dialect=${dialect}`)
  await page.getByText('Give an access token to see the webhooks of its account').waitFor()
  await page.getByLabel('Access token of the account').fill(token)
}
async function confirm(name: string): Promise<void> {
  const what = page.getByRole('dialog')
  await what.getByText(world.receiver.url).waitFor()
  await what.getByRole('button', { name }).click()
}
const subscriptions = () => Array.fromAsync(world.integrator.subscriptions.list())
const publish = (type: string, entityId: string) =>
  world.operator.publish([{ tenantId, type, entityId, data: { id: 7 } }])

test('webhooks of a Fakturownia account: type, URL, API token; an event comes, and one is deleted', async () => {
  await openByToken('fakturownia')
  await page.getByText('No webhook yet').waitFor()
  await page.getByLabel('Type').selectOption('invoice:update')
  await page.getByRole('textbox', { name: 'URL' }).fill(world.receiver.url)
  await page.getByRole('textbox', { name: 'API token' }).fill('shared-secret')
  await page.getByRole('button', { name: 'Add' }).click()
  await page.getByRole('table', { name: 'Webhooks' }).waitFor()
  expect((await rowsOf(page, 'Webhooks'))[0]?.slice(0, 3)).toEqual(['invoice:update', world.receiver.url, 'Active'])
  expect(await subscriptions()).toMatchObject([{ dialect: 'fakturownia' }])

  await publish('invoice.updated', '7')
  await expect.poll(() => world.receiver.bodies.length).toBe(1)
  expect(world.receiver.bodies[0]).toContain('shared-secret')

  await page.getByRole('table', { name: 'Webhooks' }).getByRole('button', { name: 'Delete' }).click()
  await confirm('Delete')
  await page.getByText('No webhook yet').waitFor()
  expect(await subscriptions()).toEqual([])
})

test('Moneybird’s webhooks of an administration: made with its secret shown once, stopped, deleted', async () => {
  // Moneybird asks for 200.
  world.receiver.answer = { status: 200, body: '' }
  await openByToken('moneybird')
  await page.getByLabel('Administration').waitFor()
  await page.getByRole('textbox', { name: 'URL' }).fill(world.receiver.url)
  await page.getByRole('textbox', { name: 'Events' }).fill('contact_created, contact_changed')
  await page.getByRole('button', { name: 'Add' }).click()
  const table = page.getByRole('table', { name: 'Webhooks' })
  await table.getByText('contact_created, contact_changed').waitFor()
  await page.getByRole('button', { name: /copy/i }).first().waitFor()
  await table.getByRole('button', { name: 'Disable' }).click()
  await table.getByRole('button', { name: 'Enable' }).waitFor()
  expect(await subscriptions()).toMatchObject([{ dialect: 'moneybird', status: 'disabled' }])
  await table.getByRole('button', { name: 'Delete' }).click()
  await confirm('Delete')
  await page.getByText('No webhook yet').waitFor()
})

test('targets and subscriptions of Business NXT; what the system refuses is said as it says it', async () => {
  await world.open(page, '/ui/settings?dialect=visma-business-nxt')
  const { clientId, clientSecret } = world.integration
  await page.getByLabel('Client id and secret of the integration').fill(`${clientId}:${clientSecret}`)
  const targets = page.getByRole('region', { name: 'Targets' })
  await page.waitForTimeout(1500)
  await page.screenshot({ path: '/tmp/v.png' })
  await targets.getByRole('textbox', { name: 'URL' }).fill('not a url')
  await targets.getByRole('button', { name: 'Add' }).click()
  await page.getByRole('alert').first().waitFor()
  await targets.getByRole('textbox', { name: 'URL' }).fill(world.receiver.url)
  await targets.getByRole('button', { name: 'Add' }).click()
  await targets.getByRole('table', { name: 'Targets' }).getByText(world.receiver.url).waitFor()

  const list = page.getByRole('region', { name: 'Subscriptions' })
  await list.getByLabel('Target').selectOption({ label: world.receiver.url })
  await list.getByRole('textbox', { name: 'Table' }).fill('Order')
  await list.getByRole('button', { name: 'Add' }).click()
  const rows = list.getByRole('table', { name: 'Subscriptions' })
  await rows.getByText('INSERT, UPDATE, DELETE').waitFor()
  expect(await subscriptions()).toMatchObject([{ dialect: 'visma-business-nxt', status: 'active' }])
  await rows.getByRole('button', { name: 'Disable' }).click()
  await rows.getByRole('button', { name: 'Enable' }).waitFor()
  await rows.getByRole('button', { name: 'Delete' }).click()
  await list.getByText('No webhook yet').waitFor()
  expect(await subscriptions()).toEqual([])
})

test('a token that is none is refused by name', async () => {
  await world.open(page, '/ui/settings?dialect=moneybird')
  await page.getByLabel('Access token of the account').fill('tid_at_wrong')
  await page.getByRole('alert').waitFor()
})
