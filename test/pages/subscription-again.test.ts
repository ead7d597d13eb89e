import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SubscriptionView } from './subscription-view.ts'
import { World } from './world.ts'

let world: World
let page: Page
let view: SubscriptionView

beforeAll(async () => {
  world = await World.begin()
  page = await world.operatorPage('/ui/subscriptions')
})
afterAll(() => world?.end())
beforeEach(async () => {
  view = await SubscriptionView.of(world, page)
})

test('disabled, it keeps what comes, and sends it when it is enabled', async () => {
  await view.press('Disable')
  await view.dialog('Disable').getByText('Nothing is sent until it is enabled.').waitFor()
  await view.dialog('Disable').getByRole('button', { name: 'Disable' }).click()
  await view.state('Disabled')
  await view.publish('d-1')
  await view.press('Enable')
  await view.dialog('Enable').getByText('1 event has come meanwhile.').waitFor()
  await view.dialog('Enable').getByLabel('Where it stopped: nothing is missed').check()
  await view.dialog('Enable').getByRole('button', { name: 'Enable' }).click()
  await expect.poll(() => view.received()).toEqual(['d-1'])
  await view.state('Active')
})

test('enabled from now, what came meanwhile is left out', async () => {
  await world.integrator.subscriptions.disable(view.id)
  await view.publish('n-1')
  await view.open()
  await view.press('Enable')
  await view.dialog('Enable').getByLabel('From now: what came meanwhile is left out').check()
  await view.dialog('Enable').getByRole('button', { name: 'Enable' }).click()
  await view.state('Active')
  await view.sent('n-2')
  expect(view.received()).toEqual(['n-2'])
})

test('what is undelivered is sent again, and its progress is there after leaving the page', async () => {
  view.receiver.answer = { status: 500, body: 'out of order' }
  const entities = ['u-1', 'u-2', 'u-3']
  await view.sent(...entities)
  await view.open()
  await page.getByText('3 undelivered').waitFor()
  view.receiver.answer = { status: 204, body: '' }
  await view.press('Resend')
  const what = view.dialog('Resend what is undelivered')
  await what.getByText('3 deliveries are sent again to').waitFor()
  await what.getByText(view.receiver.url).waitFor()
  await what.getByRole('button', { name: 'Resend' }).click()
  await page.getByRole('link', { name: 'Streams' }).click()
  await page.getByText('Nobody is connected').waitFor()
  await page.goBack()
  await page.getByText('Resend done').waitFor()
  await page.getByText('3 queued again, 0 were queued already').waitFor()
  await expect
    .poll(() => view.deliveries())
    .toEqual(entities.toReversed().map((entity) => `Delivered invoice.updated ${entity}`))
})

const askRewind = async () => {
  await view.press('Rewind')
  const what = view.dialog('Send again from a time')
  const days = what.getByRole('group', { name: 'Day' }).getByRole('button')
  await days.last().click()
  expect(await days.count()).toBe(15)
  await what.getByLabel('Time').fill('00:00')
  await what.getByText(/^Up to \d+ events are sent again, from/).waitFor()
  await what.getByText(view.receiver.url).waitFor()
  await what.getByRole('button', { name: 'Rewind' }).click()
  await page.getByText(/are sent again in \d+ s, while this window is open/).waitFor()
}

test('a rewind says how many events are sent again, from when and to where, and begins after a while', async () => {
  await view.sent('r-1', 'r-2')
  await page.clock.install()
  await page.reload()
  await askRewind()
  expect(view.received()).toHaveLength(2)
  await page.clock.fastForward(10_000)
  // The tenant's earlier events of the day are sent too: a rewind reaches back to before the subscription.
  await expect.poll(() => view.received().slice(2)).toEqual(expect.arrayContaining(['r-1', 'r-2']))
})

test('a rewind is undone until it begins, also after leaving the page', async () => {
  await view.sent('w-1', 'w-2')
  await askRewind()
  await page.getByRole('link', { name: 'Streams' }).click()
  await page.getByText('Nobody is connected').waitFor()
  await page.goBack()
  await view.press('Undo')
  await page.getByText(/are sent again in \d+ s/).waitFor({ state: 'detached' })
  await view.sent('w-3')
  expect(view.received()).toEqual(['w-1', 'w-2', 'w-3'])

  await askRewind()
  await view.press('Begin now')
  await expect.poll(() => view.received().slice(3)).toEqual(expect.arrayContaining(['w-1', 'w-2', 'w-3']))
})
