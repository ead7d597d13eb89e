import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { ManualClock } from '../core/time/clock.ts'
import { nothingSettled } from '../deliver/settling/settling-store.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { waitingRow } from '../engines/conformance/delivery-rows.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { compileSubscription } from '../match/compiled-subscription.ts'
import { historyOf } from './fixtures/history.ts'
import { isWithheld, withheldEvents, withheldNow } from './not-granted.ts'

/**
 * Six events, a second apart: of tenant 1 and of tenant 4 in turn. Tenant 1 grants all the time. The grant of tenant 4
 * ends after `endsAfter` of its three events.
 */
async function ended(endsAfter: number) {
  const clock = new ManualClock()
  const startMs = clock.now()
  const log = new MemoryLog({ clock })
  for (let index = 0; index < 6; index++) {
    await log.append([newEvent({ id: `event-${index}`, tenantId: index % 2 === 0 ? 1 : 4 })])
    await clock.advance(1_000)
  }
  const second = (count: number) => startMs + count * 1_000
  const history = historyOf([
    { tenantId: 1, fromMs: 0, endMs: null },
    { tenantId: 4, fromMs: 0, endMs: second(2 * endsAfter) },
  ])
  const store = makeMemoryDeliveryStore()
  const compiled = compileSubscription(sampleSubscription('standard'))
  const deps = { log, due: store, grants: history.at(clock.now()), partition: 0 }
  return { deps, compiled, history, store, second, log, clock }
}
const all = { after: 0, to: 6 }

test('the operator is told of what was not sent, whose it is, and from when to when', async () => {
  const { deps, compiled, history, second } = await ended(1)
  expect(await withheldEvents(deps, compiled, history, all, 100, 'operator')).toEqual({
    ...{ events: 3, isExact: true, firstAtMs: second(1), lastAtMs: second(5) },
    tenants: [{ tenantId: 4, events: 3 }],
  })
})

test('what is in a delivery was sent, or is to be: it is not counted', async () => {
  const { deps, compiled, history, store } = await ended(1)
  await store.settle({ ...nothingSettled, waiting: [waitingRow(1, 2), waitingRow(1, 6)] }, soleLease)
  expect(await withheldEvents(deps, compiled, history, all, 100, 'operator')).toMatchObject({ events: 1 })
})

test('an integrator is told nothing of a tenant that it may not read now', async () => {
  const { deps, compiled, history } = await ended(1)
  expect(await withheldEvents(deps, compiled, history, all, 100, 'integrator')).toBeNull()
})

test('but of one that has granted again it is told what stood in between', async () => {
  const { deps, compiled, second, clock } = await ended(1)
  const again = historyOf([
    { tenantId: 1, fromMs: 0, endMs: null },
    { tenantId: 4, fromMs: 0, endMs: second(2) },
    { tenantId: 4, fromMs: second(4), endMs: null },
  ])
  const since = { ...deps, grants: again.at(clock.now()) }
  expect(await withheldEvents(since, compiled, again, all, 100, 'integrator')).toMatchObject({
    ...{ events: 1, firstAtMs: second(3), lastAtMs: second(3) },
  })
})

test('of a long span the newest events alone are read, and it says so', async () => {
  const { deps, compiled, history } = await ended(0)
  expect(await withheldEvents(deps, compiled, history, all, 2, 'operator')).toMatchObject({ events: 1, isExact: false })
  expect(await withheldEvents(deps, compiled, history, { after: 2, to: 5 }, 100, 'operator')).toMatchObject({
    events: 1,
  })
})

test('where no grant has ended, the log is not read', async () => {
  const { deps, compiled, log } = await ended(0)
  log.read = () => Promise.reject(new Error('read'))
  const whole = historyOf([{ tenantId: 4, fromMs: 0, endMs: null }])
  expect(await withheldEvents(deps, compiled, whole, all, 100, 'operator')).toBeNull()
})

test('what is not sent when it is read again now, sent before or not', async () => {
  const { deps, compiled, history, store } = await ended(3)
  await store.settle({ ...nothingSettled, waiting: [waitingRow(1, 2)] }, soleLease)
  expect(await withheldNow(deps, compiled, history, all, 100)).toMatchObject({ events: 3 })
})

test('an event is withheld when its grant had ended by then, and not when there never was one', async () => {
  const { compiled, history, log } = await ended(1)
  const { events } = await log.read({ partition: 0, after: 0, maxBytes: 1_000_000, maxEvents: 10 })
  expect(events.filter((event) => isWithheld(compiled, event, history)).map(({ position }) => position)).toEqual([4, 6])
  const never = historyOf([{ tenantId: 1, fromMs: 0, endMs: 1 }])
  expect(events.filter(({ tenantId }) => tenantId === 4).some((event) => isWithheld(compiled, event, never))).toBe(
    false,
  )
})
