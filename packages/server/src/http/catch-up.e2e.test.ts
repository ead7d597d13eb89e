import { afterEach, expect, it, vi } from 'vitest'
import { startDeliveries } from './fixtures/delivery.ts'

const endings: (() => unknown)[] = []
const events = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => ({
    tenantId: 1,
    type: 'invoice.updated',
    entityId: String(first + index),
  }))
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** A subscription that has 400 events to catch up with, and whose receiver is in the middle of the first. */
async function startCatchUp(rest: object = {}) {
  const world = await startDeliveries(endings)
  const { made, receiver, subscribe, call } = world
  await made('/v1/events', events(400))
  receiver.status = 200
  receiver.isHolding = true
  const subscription = await subscribe({ start: 'earliest', concurrency: 1, ...rest })
  const path = `/v1/subscriptions/${subscription.id}`
  await receiver.until(() => receiver.requests === 1)
  const act = async (action: string, body?: unknown) => {
    const { status, text } = await call('POST', `${path}/${action}`, body)
    return { status, json: JSON.parse(text) }
  }
  return { ...world, path, act, stats: () => world.read(`${path}/stats`), missed: () => world.read(`${path}/missed`) }
}

it('tells how far a catch-up is', async () => {
  const { stats, receiver, read, path } = await startCatchUp()
  const { catchUp, behind, reading } = await stats()
  expect(reading).toBe('own')
  expect(catchUp).toMatchObject({ state: 'running', reason: 'start', pausedAt: null, windowSeconds: 60, behind })
  expect(catchUp.read + catchUp.behind).toBe(400)
  expect(catchUp.behind).toBeGreaterThan(200)
  expect(Date.parse(catchUp.from.time)).toBeLessThanOrEqual(Date.parse(catchUp.to.time))
  expect(Object.keys(catchUp.from.offsets)).toEqual(['customers', 'invoices'])
  const page = await read(`/v1/topics/invoices/events?limit=1&after=${catchUp.from.offsets.invoices}`)
  expect(page.events).toMatchObject([{ entityId: '0' }])
  expect((await read(path)).catchUp).toMatchObject({ state: 'running', reason: 'start' })
  receiver.release()
  await receiver.until(() => receiver.accepted.length === 400)
  await vi.waitUntil(async () => (await stats()).catchUp === null, { timeout: 30_000 })
})

it.each([
  ['in order of the log', {}],
  ['by entity', { ordering: 'entity' }],
  ['in batches', { batch: { maxEvents: 10, maxWaitMs: 0 } }],
])('a pause, %s, loses nothing and outlasts a restart', async (_name, rest) => {
  const { act, made, stats, receiver, restart, read, path } = await startCatchUp(rest)
  const paused = await act('catch-up/pause')
  expect(paused.status).toBe(200)
  expect(paused.json.catchUp).toMatchObject({ state: 'paused', pausedAt: expect.any(String) })
  expect((await act('catch-up/pause')).status).toBe(200)
  receiver.release()
  await made('/v1/events', events(5, 400))
  const before = await stats()
  expect(before.catchUp).toMatchObject({ state: 'paused', eventsPerSecond: 0, secondsLeft: null })
  expect(before.waiting).toBe(0)
  await restart()
  expect((await read(path)).catchUp).toEqual(paused.json.catchUp)
  expect((await stats()).behind).toBe(before.behind)
  const sent = receiver.requests
  // It cannot have caught up already when the answer is made.
  receiver.isHolding = true
  expect((await act('catch-up/resume')).json.catchUp).toMatchObject({ state: 'running', pausedAt: null })
  receiver.release()
  await vi.waitUntil(async () => (await stats()).catchUp === null, { timeout: 30_000 })
  expect(sent).toBe(1)
  const last = (await made('/v1/events', events(1, 405))).events[0]
  expect(last.duplicate).toBe(false)
  if (!('batch' in rest)) {
    await receiver.until(() => receiver.accepted.length === 406)
    expect(receiver.accepted.map(({ sequence }) => sequence).sort((a, b) => a - b)).toEqual(numbers(406))
    expect(new Set(receiver.accepted.map(({ id }) => id)).size).toBe(406)
  }
})

it('what waits in memory for its turn is left out and told of, too', async () => {
  const { act, missed, receiver, stats } = await startCatchUp({ ratePerSecond: 0.001 })
  receiver.release()
  await vi.waitUntil(async () => (await stats()).inFlight === 0)
  await act('catch-up/cancel')
  expect((await missed()).skipped).toMatchObject([{ events: 399, isExact: true }])
  expect(receiver.requests).toBe(1)
})

it('a cancelled catch-up is left out and told of, and a rewind brings it back', async () => {
  const { act, made, missed, receiver, stats } = await startCatchUp()
  expect((await act('catch-up/cancel')).json).toMatchObject({ behind: 0, catchUp: null })
  receiver.release()
  await made('/v1/events', events(1, 400))
  await receiver.until(() => receiver.accepted.length === 2)
  await vi.waitUntil(async () => (await stats()).inFlight === 0)
  expect(receiver.accepted.map(({ entityId }) => entityId)).toEqual(['0', '400'])
  const told = await missed()
  expect(told).toMatchObject({ behind: 0, deliveries: { waiting: 0, failed: 0, superseded: 0 } })
  expect(told.skipped).toMatchObject([
    { reason: 'catch_up_cancelled', events: 399, isExact: true, droppedEvents: 0, firstAt: expect.any(String) },
  ])
  expect((await act('rewind', told.skipped[0].rewind)).status).toBe(202)
  await receiver.until(() => new Set(receiver.accepted.map(({ entityId }) => entityId)).size === 401)
  expect((await missed()).skipped).toEqual([])
})

it('what an enabling from now leaves out is told', async () => {
  const { act, made, missed, receiver } = await startCatchUp()
  await act('catch-up/cancel')
  receiver.release()
  await act('disable')
  await made('/v1/events', [...events(3, 500), { tenantId: 1, type: 'invoice.updated', entityId: 'q', quiet: true }])
  expect((await missed()).behind).toBe(4)
  await act('enable', { from: 'now' })
  expect((await missed()).skipped[0]).toMatchObject({ reason: 'enabled_from_now', events: 3, isExact: true })
})

it('one that keeps up can be paused: it has nothing to cancel, and catches up afterwards', async () => {
  const { act, made, missed, receiver, stats } = await startCatchUp()
  await act('catch-up/cancel')
  receiver.release()
  await vi.waitUntil(async () => (await stats()).inFlight === 0)
  const before = await missed()
  expect(await act('catch-up/cancel')).toMatchObject({ status: 200, json: { catchUp: null } })
  expect(await act('catch-up/resume')).toMatchObject({ status: 200, json: { catchUp: null } })
  expect(await missed()).toEqual(before)
  expect((await act('catch-up/pause')).json.catchUp).toMatchObject({ state: 'paused', reason: 'behind' })
  await made('/v1/events', events(3, 400))
  expect(await stats()).toMatchObject({ behind: 3, waiting: 0 })
  await act('catch-up/resume')
  await receiver.until(() => receiver.accepted.length === 4)
  expect(receiver.accepted.map(({ entityId }) => entityId)).toEqual(['0', '400', '401', '402'])
})

it('refuses what makes no sense, and says what to do', async () => {
  const { act, receiver, read } = await startCatchUp()
  await act('catch-up/cancel')
  receiver.release()
  await act('disable')
  for (const action of ['pause', 'resume', 'cancel']) {
    expect(await act(`catch-up/${action}`)).toMatchObject({ status: 409, json: { code: 'subscription_disabled' } })
  }
  const { items } = await read('/v1/audit')
  expect(items).toContainEqual(
    expect.objectContaining({ action: 'requested', request: 'POST /v1/subscriptions/:id/catch-up/cancel' }),
  )
})

it('names the place of a start that cannot be used, in the request that it came in', async () => {
  const { made, subscribe } = await startDeliveries(endings)
  const { id } = await subscribe()
  const act = (action: string, body: object = {}) => made(`/v1/subscriptions/${id}/${action}`, body)
  const pointers = ({ errors }: { errors: { pointer: string }[] }) => errors.map(({ pointer }) => pointer)
  expect(pointers(await subscribe({ start: { offsets: { 'a/b': 'x' } } }))).toEqual(['/start/offsets/a~1b'])
  expect(pointers(await act('rewind', { to: { offsets: { invoices: 'x' } } }))).toEqual(['/to/offsets/invoices'])
  expect(pointers(await act('rewind', { to: { time: 'x' } }))).toEqual(['/to/time'])
  await act('disable')
  expect(pointers(await act('enable', { from: { time: 'x' } }))).toEqual(['/from/time'])
})
