import { afterEach, expect, test, vi } from 'vitest'
import { startDeliveries } from './fixtures/delivery.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function startWorld() {
  const world = await startDeliveries(endings)
  const { made, read, call, receiver, subscribe } = world
  receiver.status = 200
  const [integration] = (await read('/v1/integrations')).items
  const tokens = `/v1/integrations/${integration.id}/tokens`
  let published = 0
  const publish = async (count: number, tenantId = 1) => {
    const events = Array.from({ length: count }, () => ({
      ...{ tenantId, type: 'invoice.updated', entityId: String(published++) },
    }))
    await made('/v1/events', events)
  }
  const subscription = await subscribe()
  const path = `/v1/subscriptions/${subscription.id}`
  return {
    ...world,
    id: subscription.id as string,
    path,
    publish,
    grant: () => made(tokens, { tenantId: 1 }),
    revoke: async () => {
      const { items } = await read(tokens)
      for (const { id } of items) await call('DELETE', `${tokens}/${id}`)
    },
    /** Once its reading has come to the end of the log. */
    stats: async () => {
      await vi.waitUntil(async () => (await read(`${path}/stats`)).behind === 0, { timeout: 30_000 })
      return read(`${path}/stats`)
    },
    missed: () => read(`${path}/missed`),
    rewind: async () => JSON.parse((await call('POST', `${path}/rewind`, { to: 'earliest' })).text),
  }
}

test('what was due while no grant stood is told apart from what was missed, until it has been sent', async () => {
  const { publish, made, grant, revoke, stats, missed, rewind, receiver, read, path } = await startWorld()
  await made('/v1/tenants', { id: 2 })
  await publish(3)
  await receiver.until(() => receiver.accepted.length === 3)
  const granted = await stats()
  expect(granted).toMatchObject({ hasGrant: true, notGranted: null })
  expect(await missed()).toMatchObject({ notGranted: null })

  await revoke()
  await publish(5)
  // Nobody ever granted this one.
  await publish(7, 2)
  const expected = { events: 5, isExact: true, tenants: [{ tenantId: 1, events: 5, grantEndedAt: expect.any(String) }] }
  expect(await stats()).toMatchObject({ hasGrant: false, notGranted: expected })
  expect(await read(path)).toMatchObject({ hasGrant: false })
  const lost = await missed()
  expect(lost).toMatchObject({ notGranted: expected, skipped: [], deliveries: { waiting: 0, failed: 0 } })
  expect(Date.parse(lost.notGranted.firstAt)).toBeGreaterThanOrEqual(
    Date.parse(lost.notGranted.tenants[0].grantEndedAt),
  )

  // A replay says that it sends nothing, not even what was sent before.
  const replayed = await rewind()
  expect(replayed).toMatchObject({ notGranted: { events: 8, isExact: true } })
  expect(replayed.behind).toBeGreaterThanOrEqual(15)
  await stats()
  expect(receiver.accepted).toHaveLength(3)

  await grant()
  const again = { events: 5, tenants: [{ tenantId: 1, events: 5, grantEndedAt: null }] }
  expect(await stats()).toMatchObject({ hasGrant: true, notGranted: again })
  expect(await rewind()).not.toHaveProperty('notGranted')
  await receiver.until(() => receiver.accepted.length === 11)
  await vi.waitUntil(async () => (await missed()).notGranted === null, { timeout: 30_000 })
  expect(await stats()).toMatchObject({ notGranted: null })
})

test('an integration learns nothing of events that it may not read, not even how many there are', async () => {
  const { publish, call, grant, revoke, stats, path, asIntegration } = await startWorld()
  const asked = async (method: string, part: string, body?: object) => {
    const { status, text } = await call(method, `${path}/${part}`, body, asIntegration)
    expect(status).toBeLessThan(300)
    return JSON.parse(text)
  }
  await revoke()
  await publish(4)
  expect(await stats()).toMatchObject({ notGranted: { events: 4 } })
  expect(await asked('GET', 'stats')).toMatchObject({ hasGrant: false, notGranted: null })
  expect(await asked('GET', 'missed')).toMatchObject({ notGranted: null })
  expect(await asked('POST', 'rewind', { to: 'earliest' })).not.toHaveProperty('notGranted')

  // What it may read again, it is told of.
  await stats()
  await grant()
  const again = { events: 4, tenants: [{ tenantId: 1, events: 4, grantEndedAt: null }] }
  expect(await asked('GET', 'stats')).toMatchObject({ hasGrant: true, notGranted: again })
  expect(await asked('GET', 'missed')).toMatchObject({ notGranted: again })
})

test('a skipped span counts what was missed, not what no grant covered', async () => {
  const { publish, call, grant, revoke, missed, path } = await startWorld()
  await call('POST', `${path}/disable`)
  await publish(1)
  await revoke()
  await publish(4)
  await grant()
  await publish(2)
  await call('POST', `${path}/enable`, { from: 'now' })
  expect(await missed()).toMatchObject({
    skipped: [{ reason: 'enabled_from_now', events: 3, isExact: true }],
    notGranted: { events: 4, isExact: true },
  })
})

test('a subscription that loses its last grant is an operational event, once for each loss', async () => {
  const { publish, grant, revoke, stats, read, restart, id } = await startWorld()
  const told = async () => {
    const { events } = await read('/v1/topics/tidings/events')
    return events.filter(({ type, entityId }: { type: string; entityId: string }) => {
      return type === 'subscription.ungranted' && entityId === id
    })
  }
  await grant()
  await revoke()
  await vi.waitUntil(async () => (await told()).length > 0, { timeout: 30_000 })
  const [first] = await told()
  const { notGranted } = await publish(1).then(stats)
  expect(first.data).toMatchObject({ grantEndedAt: notGranted.tenants[0].grantEndedAt })
  await restart()
  await grant()
  await revoke()
  await vi.waitUntil(async () => (await told()).length > 1, { timeout: 30_000 })
  expect(await told()).toHaveLength(2)
})
