import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowOf, rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  page = await world.operatorPage('/ui/integrations')
})
afterAll(() => world?.end())

const press = (name: string) => page.getByRole('button', { name, exact: true }).click()

test('an integration is added with a secret that is shown once, opened, granted, and deleted', async () => {
  await page.getByLabel('Name').fill('Stock Mirror')
  await press('Add')
  await page.getByText('Client id and secret').waitFor()
  const secret = await page.getByText(/:tid_sec_/).textContent()
  const visitor = await world.signedIn(secret!)
  await visitor.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor()

  await rowOf(page, 'Integrations', 'Stock Mirror').getByRole('link', { name: 'Stock Mirror' }).click()
  const panel = page.getByRole('region', { name: 'Stock Mirror' })
  await panel.getByText('No tenant granted it anything').waitFor()
  await page.reload()
  await panel.waitFor()
  expect(await page.getByText(secret!).count()).toBe(0)

  await panel.getByLabel('Tenant').fill(String(tenantId))
  await panel.getByLabel('Types').fill('invoice.*, customer.updated')
  await panel.getByRole('button', { name: 'Grant' }).click()
  const token = await panel.getByText(/^tid_at_/).textContent()
  expect(await world.statusFor(`Bearer ${token}`)).toBe(200)
  await rowOf(page, 'Access tokens', 'invoice.*, customer.updated').getByRole('button', { name: 'Revoke' }).click()
  const revoke = page.getByRole('dialog', { name: 'Revoke the access token' })
  await revoke.getByText(`Nothing about tenant ${tenantId} is sent by this grant any more.`).waitFor()
  await revoke.getByRole('button', { name: 'Revoke' }).click()
  await panel.getByText('No tenant granted it anything').waitFor()
  expect(await world.statusFor(`Bearer ${token}`)).toBe(401)

  await panel.getByRole('button', { name: 'Delete' }).click()
  const what = page.getByRole('dialog', { name: 'Delete the integration' })
  await what.getByLabel('Type Stock Mirror to go on').fill('Stock Mirror')
  await what.getByRole('button', { name: 'Delete' }).click()
  await rowOf(page, 'Integrations', 'Stock Mirror').waitFor({ state: 'detached' })
  await expect.poll(() => new URL(page.url()).search).toBe('')
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
