import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { tenantId, World } from './world.ts'

const script = '"><img src=x onerror="window.ran=1"><script>window.ran=1</script>'
const link = 'javascript:window.ran=1'
const turned = '\u202Eexe.gpj'
let world: World

beforeAll(async () => {
  world = await World.begin()
})
afterAll(() => world?.end())

test('text of receivers, publishers and integrators runs nowhere', async () => {
  const { operator, receiver } = world
  receiver.answer = { status: 500, body: script + turned, headers: { 'x-hostile': script, location: link } }
  const subscription = await world.subscribe(['*'])
  await operator.subscriptions.update(subscription.id, { description: script })
  await operator.tenants.create({ id: 666, name: script })
  await operator.integrations.create({ name: link })
  const [event] = await operator.publish([
    { tenantId, type: 'invoice.updated', entityId: script, id: script, actor: link, data: { text: script, url: link } },
  ])
  await vi.waitUntil(async () => (await Array.fromAsync(operator.deliveries.list())).length === 1, { timeout: 20_000 })
  const [delivery] = await Array.fromAsync(operator.deliveries.list())
  const page = await world.operatorPage()
  page.on('dialog', (dialog) => expect.unreachable(dialog.message()))
  for (const path of [
    ...['/ui/', '/ui/events', '/ui/subscriptions', '/ui/deliveries', '/ui/tenants', '/ui/integrations', '/ui/audit'],
    `/ui/events/${encodeURIComponent(event!.id)}`,
    `/ui/subscriptions/${subscription.id}`,
    `/ui/deliveries/${delivery!.id}`,
  ]) {
    await page.goto(world.server.url + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const place = path.includes('tenants') || path.includes('integrations') ? 'table' : 'main'
    await page.locator(place).first().waitFor()
    expect(await page.evaluate("'ran' in window"), path).toBe(false)
    const hrefs = await page.locator('a').evaluateAll((links) => links.map((each) => each.getAttribute('href') ?? ''))
    expect(
      hrefs.filter((href) => !/^(\/ui\/|#main$)/.test(href)),
      path,
    ).toEqual([])
  }
  await page.getByText('x-hostile').waitFor()
  expect(await page.getByText(turned).locator('xpath=ancestor-or-self::bdi').count()).toBeGreaterThan(0)
})
