import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, signIn, World } from './world.ts'

let world: World
let integratorKey: string

beforeAll(async () => {
  world = await World.begin()
  integratorKey = `${world.integration.clientId}:${world.integration.clientSecret}`
})
afterAll(() => world?.end())

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
const pagesOf = async (page: Page) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()

test('a wrong key is refused, and says so; the right one signs in, and signing out ends it', async () => {
  const page = await world.freshPage()
  await page.goto(`${world.server.url}/ui/`)
  await heading(page, 'Sign in to Tidings')
  await page.getByRole('textbox', { name: 'Key' }).fill('tid_admin_wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').getByText('The server refused').waitFor()
  await signIn(page, adminKey)
  await heading(page, 'Overview')
  const [cookie] = await page.context().cookies()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await heading(page, 'Sign in to Tidings')
  const headers = { cookie: `${cookie!.name}=${cookie!.value}` }
  expect((await fetch(`${world.server.url}/v1/session`, { headers })).status).toBe(401)
})

test('an address is opened after signing in, whoever it is', async () => {
  const { id } = await world.subscribe(['order.*'], `${world.receiver.url}/mine`)
  for (const key of [adminKey, integratorKey]) {
    const page = await world.signedIn(key, `/ui/subscriptions/${id}?status=failed`)
    await heading(page, `${world.receiver.url}/mine`)
    expect(new URL(page.url()).search).toBe('?status=failed')
  }
})

test('when the session ends, the page asks for the key, and goes on where it was', async () => {
  const page = await world.operatorPage('/ui/audit?kind=tenant')
  await heading(page, 'Audit log')
  await page.context().clearCookies()
  await page.getByRole('search').getByLabel('Change').fill('created')
  await page.getByRole('search').getByLabel('Change').press('Enter')
  await heading(page, 'Sign in to Tidings')
  await signIn(page, adminKey)
  await heading(page, 'Audit log')
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ kind: 'tenant', action: 'created' })
})

test('each sees the pages of its rights, and of others which key would show them', async () => {
  const { key: publisher } = await world.operator.keys.create({ kind: 'pub' })
  const asPublisher = await world.signedIn(publisher!)
  await heading(asPublisher, 'Events')
  expect(await pagesOf(asPublisher)).toEqual(['Events', 'Catalogue'])
  const asIntegrator = await world.signedIn(integratorKey)
  await heading(asIntegrator, 'Subscriptions')
  expect(await pagesOf(asIntegrator)).not.toContain('Tenants')

  for (const page of [asPublisher, asIntegrator]) {
    for (const path of ['/ui/tenants', '/ui/keys']) {
      await world.open(page, path)
      await page.getByText('Your key may not see this').waitFor()
      await page.getByText("This page needs the operator's key.").waitFor()
    }
  }
})

test('nothing of another integration is found', async () => {
  const { id } = await world.subscribe(['order.*'])
  const other = await world.operator.integrations.create({ name: 'Stranger' })
  const page = await world.signedIn(`${other.clientId}:${other.clientSecret}`)
  await page.getByText('No subscription yet').waitFor()
  await world.open(page, `/ui/subscriptions/${id}`)
  await heading(page, 'There is nothing here')
})

test('an address without a page says so, and leads on', async () => {
  const page = await world.operatorPage('/ui/nowhere')
  await heading(page, 'No such page')
  await page.getByRole('main').getByRole('link', { name: 'Overview' }).click()
  await heading(page, 'Overview')
})

test('a server that does not answer is said not to, and is asked again', async () => {
  await world.operator.keys.create({ kind: 'pub' })
  const page = await world.operatorPage('/ui/tenants')
  await heading(page, 'Tenants')
  await page.route('**/v1/keys*', (route) => route.abort())
  await page.getByRole('link', { name: 'Keys' }).click()
  await page.getByRole('alert').getByText('The server does not answer').waitFor()
  await page.unroute('**/v1/keys*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('table', { name: 'Keys' }).waitFor()
})
