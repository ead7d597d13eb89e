import { expect, it } from 'vitest'
import { soleLease } from '../../core/delivery/lease.ts'
import type { SeriesCounts } from '../../core/series/counts.ts'
import type { Scope } from '../../core/series/scope.ts'
import { minuteMs, minutesKept, type SeriesTally } from '../../core/series/tally.ts'
import { nothingSettled } from '../../deliver/settling/settling-store.ts'
import type { DeliveryEngine } from '../delivery-engine.ts'
import { startMs } from './delivery-rows.ts'

const hourMs = 3_600_000
const startMinute = startMs / minuteMs
const tallyAt = (minute: number, counts: SeriesCounts, scope: Scope = 'all'): SeriesTally => ({
  ...{ scope, minute: startMinute + minute, counts },
})
const settled = (...tallies: readonly SeriesTally[]) => ({ ...nothingSettled, tallies })

/** What is counted: the part of the suite of delivery stores about that. */
export function describeSeries<Store extends DeliveryEngine>(
  fresh: () => Promise<{ readonly store: Store; readonly reopen: () => Promise<DeliveryEngine> }>,
): void {
  it('adds up what settlements tally, by scope and minute, and keeps it', async () => {
    const { store, reopen } = await fresh()
    await store.settle(settled(tallyAt(0, { delivered: 2, 'latency 5': 2 }), tallyAt(2, { failed: 1 })), soleLease)
    await store.settle(settled(tallyAt(0, { delivered: 1, waiting: 1, 'error http_500': 1 })), soleLease)
    await store.tally([tallyAt(1, { streams: 4, samples: 1 }), tallyAt(0, { delivered: 9 }, 'subscription 7')])
    const again = await reopen()
    const minutes = { fromMs: startMs, steps: 3, stepMs: minuteMs }
    expect(await again.series({ scopes: ['all'], ...minutes })).toEqual([
      { delivered: 3, 'latency 5': 2, waiting: 1, 'error http_500': 1 },
      { streams: 4, samples: 1 },
      { failed: 1 },
    ])
    expect(await again.series({ scopes: ['subscription 7', 'all'], ...minutes, steps: 1 })).toMatchObject([
      { delivered: 12 },
    ])
    expect(await again.series({ scopes: ['dialect standard'], ...minutes })).toEqual([{}, {}, {}])
  })

  it('tells hours of what is old, and counts nothing twice', async () => {
    const { store, reopen } = await fresh()
    const hours = { scopes: ['all' as const], fromMs: startMs, steps: 4, stepMs: hourMs }
    for (let minute = 0; minute < 200; minute++) {
      await store.settle(settled(tallyAt(minute, { delivered: 1, 'latency 5': 1 })), soleLease)
    }
    const whole = [60, 60, 60, 20].map((count) => ({ delivered: count, 'latency 5': count }))
    expect(await store.series(hours)).toEqual(whole)
    const again = await reopen()
    expect(await again.series(hours)).toEqual(whole)
    const newest = { scopes: ['all' as const], fromMs: startMs + 80 * minuteMs, stepMs: minuteMs, steps: minutesKept }
    expect(await again.series(newest)).toEqual(
      Array.from({ length: minutesKept }, () => ({ delivered: 1, 'latency 5': 1 })),
    )
  })

  it('drops hours as a whole by retention', async () => {
    const { store } = await fresh()
    for (const minute of [0, 59, 60, 61, 300]) await store.settle(settled(tallyAt(minute, { failed: 1 })), soleLease)
    await store.dropBefore(startMs + hourMs + 30 * minuteMs)
    const counts = await store.series({ scopes: ['all'], fromMs: startMs, steps: 6, stepMs: hourMs })
    expect(counts.map(({ failed = 0 }) => failed)).toEqual([0, 2, 0, 0, 0, 1])
  })
}
