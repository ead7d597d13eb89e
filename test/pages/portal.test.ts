import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApplication } from '../../examples/portal/server.ts'
import { adminKey, tenantId, World } from './world.ts'

let world: World
let application: Server
const origin = () => `http://127.0.0.1:${(application.address() as AddressInfo).port}`

beforeAll(async () => {
  application = await startApplication(() => ({
    tidings: world.server.url,
    adminKey,
    integrationId: world.integration.id,
  }))
  world = await World.begin({ frameAncestors: origin() })
})
afterAll(async () => {
  await world?.end()
  application?.close()
})

test.each(['/element', '/frame'])(
  'an integrator has its first minute in a frame of another origin: %s',
  async (path) => {
    const page = await world.freshPage()
    await page.goto(origin() + path)
    const portal = page.frameLocator(path === '/frame' ? 'iframe' : 'tidings-portal iframe')
    await portal.getByRole('heading', { name: 'Your webhooks', level: 1 }).waitFor()
    expect(await portal.getByRole('link', { name: 'Tenants' }).count()).toBe(0)

    await portal.getByRole('link', { name: 'New subscription' }).first().click()
    await portal.getByLabel('Every type').check()
    await portal.getByLabel('URL').fill(world.receiver.url)
    world.receiver.answer = { status: 204, body: '' }
    await portal.getByRole('button', { name: 'Create' }).click()
    await portal.getByRole('heading', { level: 1, name: 'The subscription is made' }).waitFor()
    await portal.getByRole('button', { name: 'Send a test' }).click()
    await portal.getByText('Accepted with 204').waitFor()
    await portal.getByRole('link', { name: 'Keep it' }).click()

    world.receiver.answer = { status: 500, body: 'Out of order' }
    await world.operator.publish([{ tenantId, type: 'invoice.updated', entityId: `of${path}` }])
    await portal.getByRole('link', { name: `invoice.updated of${path}` }).click()
    await portal.getByText('Out of order').waitFor()
    world.receiver.answer = { status: 204, body: '' }
    await portal.getByRole('button', { name: 'Resend' }).click()
    await portal.getByText('Delivered').waitFor()
  },
)

test('no page but the portal stands in a frame, and the portal in none of a third origin', async () => {
  const foreign = await startApplication(() => ({
    tidings: world.server.url,
    adminKey,
    integrationId: world.integration.id,
  }))
  const page = await world.freshPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/frame`)
  await expect.poll(() => complaints.join('\n')).toContain('frame-ancestors')
  foreign.close()
})
