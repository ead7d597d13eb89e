import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowOf, rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  page = await world.operatorPage('/ui/tenants')
})
afterAll(() => world?.end())

const press = (name: string) => page.getByRole('button', { name, exact: true }).click()

test('a tenant is added below another, and deleted by whoever types its name', async () => {
  await world.open(page, '/ui/tenants')
  await page.getByLabel('Tenant', { exact: true }).fill('116015326147118083')
  await page.getByLabel('Name').fill('Fisk AS')
  await page.getByLabel('Parent').fill(String(tenantId))
  await press('Add')
  await rowOf(page, 'Tenants', 'Fisk AS').waitFor()
  const [cells] = (await rowsOf(page, 'Tenants')).filter(([, name]) => name === 'Fisk AS')
  expect(cells?.slice(0, 3)).toEqual(['116015326147118083', 'Fisk AS', String(tenantId)])

  await rowOf(page, 'Tenants', 'Fisk AS').getByRole('button', { name: 'Delete' }).click()
  const what = page.getByRole('dialog', { name: 'Delete the tenant' })
  await what.getByLabel('Type Fisk AS to go on').fill('Fisk')
  expect(await what.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true)
  await what.getByLabel('Type Fisk AS to go on').fill('Fisk AS')
  await what.getByRole('button', { name: 'Delete' }).click()
  await rowOf(page, 'Tenants', 'Fisk AS').waitFor({ state: 'detached' })
})

test('what the server refuses is told beside the button', async () => {
  await world.open(page, '/ui/tenants')
  await page.getByLabel('Tenant', { exact: true }).fill('9'.repeat(20))
  await press('Add')
  await page.getByRole('alert').getByText('The server refused').waitFor()
  await page.getByRole('alert').getByText('/id', { exact: true }).waitFor()
})

test('the secret of an integration is replaced, and the old one is refused', async () => {
  const old = await world.operator.integrations.create({ name: 'Sales Sync' })
  const statusFor = (credentials: string) => world.statusFor(`Basic ${Buffer.from(credentials).toString('base64')}`)
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
  expect(await world.statusFor(`Bearer ${key}`)).toBe(200)
  await page.reload()
  await rowOf(page, 'Keys', `Build ${kind}`).waitFor()
  expect(await page.getByText(key!).count()).toBe(0)
  await rowOf(page, 'Keys', `Build ${kind}`).getByRole('button', { name: 'Revoke' }).click()
  const what = page.getByRole('dialog', { name: 'Revoke the key' })
  await what.getByText('Requests with this key are refused from now on.').waitFor()
  await what.getByRole('button', { name: 'Revoke' }).click()
  await rowOf(page, 'Keys', `Build ${kind}`).waitFor({ state: 'detached' })
  expect(await world.statusFor(`Bearer ${key}`)).toBe(401)
})

test('the node that serves tells who it is', async () => {
  await world.open(page, '/ui/nodes')
  await expect.poll(async () => (await rowsOf(page, 'Nodes')).length).toBe(1)
  const [node] = await rowsOf(page, 'Nodes')
  expect(node?.join(' ')).toContain('128')
})
