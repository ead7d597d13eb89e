import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  page = await world.operatorPage()
})
afterAll(() => world?.end())

const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
const row = (table: string, text: string) =>
  page.getByRole('table', { name: table }).locator('tbody tr').filter({ hasText: text })
const statusOf = async (key: string) =>
  (await fetch(`${world.server.url}/v1/session`, { headers: { authorization: `Bearer ${key}` } })).status

test('a tenant is added below another, and deleted by whoever types its name', async () => {
  await world.open(page, '/ui/tenants')
  await page.getByLabel('Tenant', { exact: true }).fill('116015326147118083')
  await page.getByLabel('Name').fill('Fisk AS')
  await page.getByLabel('Parent').fill(String(tenantId))
  await press('Add')
  await row('Tenants', 'Fisk AS').waitFor()
  const [cells] = (await rowsOf(page, 'Tenants')).filter(([, name]) => name === 'Fisk AS')
  expect(cells?.slice(0, 3)).toEqual(['116015326147118083', 'Fisk AS', String(tenantId)])

  await row('Tenants', 'Fisk AS').getByRole('button', { name: 'Delete' }).click()
  const what = page.getByRole('dialog', { name: 'Delete the tenant' })
  await what.getByLabel('Type Fisk AS to go on').fill('Fisk')
  expect(await what.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true)
  await what.getByLabel('Type Fisk AS to go on').fill('Fisk AS')
  await what.getByRole('button', { name: 'Delete' }).click()
  await row('Tenants', 'Fisk AS').waitFor({ state: 'detached' })
})

test('what the server refuses is told beside the button', async () => {
  await world.open(page, '/ui/tenants')
  await page.getByLabel('Tenant', { exact: true }).fill('9'.repeat(20))
  await press('Add')
  await page.getByRole('alert').getByText('The server refused').waitFor()
  await page.getByRole('alert').getByText('/id', { exact: true }).waitFor()
})

test('an integration is added with a secret that is shown once, opened, granted, and deleted', async () => {
  await world.open(page, '/ui/integrations')
  await page.getByLabel('Name').fill('Stock Mirror')
  await press('Add')
  await page.getByText('Client id and secret').waitFor()
  const secret = await page.getByText(/:tid_sec_/).textContent()
  const visitor = await world.signedIn(secret!)
  await visitor.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor()

  await row('Integrations', 'Stock Mirror').getByRole('link', { name: 'Stock Mirror' }).click()
  const panel = page.getByRole('region', { name: 'Stock Mirror' })
  await panel.getByText('No tenant granted it anything').waitFor()
  await page.reload()
  await panel.waitFor()
  expect(await page.getByText(secret!).count()).toBe(0)

  await panel.getByLabel('Tenant').fill(String(tenantId))
  await panel.getByLabel('Types').fill('invoice.*, customer.updated')
  await panel.getByRole('button', { name: 'Grant' }).click()
  const token = await panel.getByText(/^tid_at_/).textContent()
  expect(await statusOf(token!)).toBe(200)
  await row('Access tokens', 'invoice.*, customer.updated').getByRole('button', { name: 'Revoke' }).click()
  const revoke = page.getByRole('dialog', { name: 'Revoke the access token' })
  await revoke.getByText(`Nothing about tenant ${tenantId} is sent by this grant any more.`).waitFor()
  await revoke.getByRole('button', { name: 'Revoke' }).click()
  await panel.getByText('No tenant granted it anything').waitFor()
  expect(await statusOf(token!)).toBe(401)

  await panel.getByRole('button', { name: 'Delete' }).click()
  const what = page.getByRole('dialog', { name: 'Delete the integration' })
  await what.getByLabel('Type Stock Mirror to go on').fill('Stock Mirror')
  await what.getByRole('button', { name: 'Delete' }).click()
  await row('Integrations', 'Stock Mirror').waitFor({ state: 'detached' })
  expect(new URL(page.url()).search).toBe('')
})

test('the secret of an integration is replaced, and the old one is refused', async () => {
  const old = await world.operator.integrations.create({ name: 'Sales Sync' })
  const statusFor = async (credentials: string) => {
    const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
    return (await fetch(`${world.server.url}/v1/session`, { headers: { authorization } })).status
  }
  await world.open(page, `/ui/integrations?id=${old.id}`)
  await press('Replace the secret')
  const what = page.getByRole('dialog', { name: 'Replace the secret' })
  await what.getByText('The old secret is refused from now on.').waitFor()
  await what.getByRole('button', { name: 'Replace the secret' }).click()
  const replaced = await page.getByText(`${old.clientId}:tid_sec_`).textContent()
  expect([await statusFor(replaced!), await statusFor(`${old.clientId}:${old.clientSecret}`)]).toEqual([200, 401])
})

test('a link into the portal of an integration signs in once, for that integration', async () => {
  await world.open(page, `/ui/integrations?id=${world.integration.id}`)
  await press('Link to its portal')
  const link = await page.getByText(/\/ui\/portal#/).textContent()
  const visitor = await world.freshPage()
  await visitor.goto(link!)
  await visitor.getByRole('heading', { level: 1, name: 'Your webhooks' }).waitFor()
  const second = await world.freshPage()
  await second.goto(link!)
  await second.getByText('A sign-in link works once').waitFor()
})

test.each([
  ['Publisher', 'tid_pub_'],
  ['Operator', 'tid_admin_'],
])('a key of the kind %s is made, shown once, and ends when it is revoked', async (kind, prefix) => {
  await world.open(page, '/ui/keys')
  await page.getByLabel('Kind').selectOption({ label: kind })
  await page.getByLabel('Name').fill(`Build ${kind}`)
  await press('Create a key')
  const key = await page.getByText(new RegExp(`^${prefix}`)).textContent()
  expect(await statusOf(key!)).toBe(200)
  await page.reload()
  await row('Keys', `Build ${kind}`).waitFor()
  expect(await page.getByText(key!).count()).toBe(0)
  await row('Keys', `Build ${kind}`).getByRole('button', { name: 'Revoke' }).click()
  const what = page.getByRole('dialog', { name: 'Revoke the key' })
  await what.getByText('Requests with this key are refused from now on.').waitFor()
  await what.getByRole('button', { name: 'Revoke' }).click()
  await row('Keys', `Build ${kind}`).waitFor({ state: 'detached' })
  expect(await statusOf(key!)).toBe(401)
})

test('every change is in the audit log, which is narrowed by each filter in the address', async () => {
  await world.open(page, '/ui/audit')
  const field = (name: string) => page.getByRole('search').getByLabel(name, { exact: true })
  const listed = async () => (await rowsOf(page, 'Audit log')).map(([, who, what]) => `${who} ${what}`)
  await expect.poll(async () => new Set(await listed()).size).toBeGreaterThan(3)
  await field('Kind').fill('integration')
  await field('Kind').press('Enter')
  await field('Change').fill('deleted')
  await field('Change').press('Enter')
  await expect.poll(listed).toEqual(['operator configured deleted integration'])
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ kind: 'integration', action: 'deleted' })
  await page.reload()
  await expect.poll(listed).toEqual(['operator configured deleted integration'])
  await field('Until').fill('2020-01-02T03:04')
  await field('Until').press('Enter')
  await page.getByText('Nothing was changed').waitFor()
  await field('Until').fill('')
  await field('Until').press('Enter')
  await expect.poll(listed).toEqual(['operator configured deleted integration'])
  await field('Who').fill('publisher')
  await field('Who').press('Enter')
  await page.getByText('Nothing was changed').waitFor()

  await world.open(page, `/ui/audit?kind=integration&integration=${world.integration.id}`)
  await expect.poll(listed).toEqual(['operator configured created integration'])
  await world.open(page, `/ui/audit?kind=tenant&tenant=${tenantId}`)
  await expect.poll(listed).toEqual(['operator configured created tenant'])
  await world.open(page, '/ui/audit?action=rewritten')
  await page
    .getByRole('alert')
    .getByText(/created, changed, deleted/)
    .first()
    .waitFor()
})

test('the node that serves tells who it is', async () => {
  await world.open(page, '/ui/nodes')
  await expect.poll(async () => (await rowsOf(page, 'Nodes')).length).toBe(1)
  const [node] = await rowsOf(page, 'Nodes')
  expect(node?.join(' ')).toContain('128')
})
