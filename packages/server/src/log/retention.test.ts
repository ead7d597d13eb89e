import { expect, test } from 'vitest'
import type { WaitingDelivery } from '../core/delivery/delivery.ts'
import { soleLease } from '../core/delivery/lease.ts'
import { ManualClock } from '../core/time/clock.ts'
import { nothingSettled } from '../deliver/settling/settling-store.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { startRetention } from './retention.ts'

const dayMs = 86_400_000

async function running(retentionDays: number) {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  const delivery = makeMemoryDeliveryStore()
  const stop = startRetention({
    log,
    needed: delivery,
    clock,
    retentionMs: retentionDays * dayMs,
    onDropped: () => {},
    onFailure: (error) => {
      throw error
    },
  })
  for (const id of ['a', 'b', 'c']) await log.append([newEvent({ id })])
  const row: WaitingDelivery = {
    ...{ subscription: 1, partition: 0, position: 2, sequence: 1, attempts: 1 },
    ...{ topic: 'invoices', type: 'invoice.updated', tenantId: 29302, entityKey: '3817' },
    ...{ firstAttemptAtMs: clock.now(), dueAtMs: clock.now() },
  }
  const kept = async () =>
    (await log.read({ partition: 0, after: 0, maxBytes: 1_000_000, maxEvents: 10 })).events.map(
      ({ position }) => position,
    )
  const settle = (parts: object) => delivery.settle({ ...nothingSettled, ...parts }, soleLease)
  const append = (id: string) => log.append([newEvent({ id })])
  return { clock, row, kept, append, settle, stop }
}

test('an event that a delivery waits for stays, with those after it, until it is settled', async () => {
  const { clock, row, kept, settle, stop } = await running(14)
  await settle({ waiting: [row] })
  await clock.advance(20 * dayMs)
  expect(await kept()).toContain(2)
  await settle({ cleared: [row] })
  await clock.advance(dayMs / 24)
  expect(await kept()).toEqual([])
  stop()
})

test('no delivery holds the log up for more than 21 days, nor shortens a longer retention', async () => {
  for (const [retentionDays, goneAfterDays] of [
    [1, 21],
    [30, 30],
  ] as const) {
    const { clock, row, kept, settle, stop } = await running(retentionDays)
    await settle({ waiting: [row] })
    await clock.advance((goneAfterDays - 0.1) * dayMs)
    expect(await kept()).toContain(2)
    await clock.advance(0.2 * dayMs)
    expect(await kept()).toEqual([])
    stop()
  }
})

test('a delivery whose event is gone, as of a subscription that stays disabled, holds nothing up', async () => {
  const { clock, row, kept, append, settle, stop } = await running(14)
  await settle({ waiting: [row] })
  await clock.advance(22 * dayMs)
  expect(await kept()).toEqual([])
  await append('d')
  await clock.advance(13.9 * dayMs)
  expect(await kept()).toEqual([4])
  await clock.advance(0.2 * dayMs)
  expect(await kept()).toEqual([])
  stop()
})
