import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf, tenantId, World } from './world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await World.begin()
  page = await world.operatorPage('/ui/streams')
})
afterAll(() => world?.end())

test('nobody is connected until somebody is: who, what and how far; and it can be disconnected', async () => {
  await page.getByText('Nobody is connected').waitFor()
  const end = new AbortController()
  const opened = Promise.withResolvers<void>()
  const broken = Promise.withResolvers<void>()
  const stream = world.integrator.stream({
    topics: ['invoices', 'orders'],
    signal: end.signal,
    onOpen: () => opened.resolve(),
    onBreak: () => broken.resolve(),
  })
  const heard: string[] = []
  const reading = (async () => {
    for await (const event of stream) heard.push(event.entityId ?? '')
  })()
  await opened.promise
  await world.operator.publish([{ tenantId, type: 'invoice.updated', entityId: 's-1' }])
  await expect.poll(() => heard).toEqual(['s-1'])

  await world.open(page, '/ui/streams')
  const table = page.getByRole('table', { name: 'Streams' })
  await table.waitFor()
  const [row] = await rowsOf(page, 'Streams')
  expect(row?.join(' · ')).toContain('sse · standard')
  expect(row?.join(' · ')).toContain('invoices, orders')
  expect(row?.join(' · ')).toContain('127.0.0.1')
  await table.getByRole('link', { name: world.integration.id }).waitFor()

  // Its position is the one that it would go on from itself.
  expect(row).toContain(stream.lastEventId)
  const own = await world.signedIn(`${world.integration.clientId}:${world.integration.clientSecret}`, '/ui/streams')
  await expect.poll(async () => (await rowsOf(own, 'Streams')).length).toBe(1)

  await table.getByRole('button', { name: 'Disconnect' }).click()
  const what = page.getByRole('dialog', { name: 'Disconnect' })
  await what.getByText('A client that resumes loses nothing.').waitFor()
  await what.getByRole('button', { name: 'Disconnect' }).click()
  await broken.promise
  await world.operator.publish([{ tenantId, type: 'invoice.updated', entityId: 's-2' }])
  await expect.poll(() => heard).toEqual(['s-1', 's-2'])
  end.abort()
  await reading.catch(() => {})
  await expect
    .poll(async () => {
      await world.open(page, '/ui/streams')
      return page.getByText('Nobody is connected').isVisible()
    })
    .toBe(true)
})
