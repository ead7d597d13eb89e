import { expect, it } from 'vitest'
import { type Lease, soleLease } from '../../core/delivery/lease.ts'
import { everyShare } from '../../core/delivery/shares.ts'
import { nothingSettled } from '../../deliver/settling/settling-store.ts'
import type { DeliveryEngine } from '../delivery-engine.ts'
import { attemptRow, keyOf, waitingRow } from './delivery-rows.ts'

/** How the suite ends a lease, as membership does when a node was silent for too long; or why the engine has one lease alone. */
export type Leases<Store> =
  | { readonly end: (store: Store, lease: Lease) => Promise<void> }
  | { readonly cannot: string }

/** Who may settle: the part of the suite of delivery stores about that. */
export function describeLeases<Store extends DeliveryEngine>(
  fresh: () => Promise<{ readonly store: Store; readonly reopen: () => Promise<DeliveryEngine> }>,
  leases: Leases<Store>,
): void {
  it('answers a settlement under a living lease with `written`', async () => {
    const { store } = await fresh()
    expect(await store.settle({ ...nothingSettled, waiting: [waitingRow(1, 1)] }, soleLease)).toBe('written')
    expect(await store.settle(nothingSettled, soleLease)).toBe('written')
    expect(await store.count()).toMatchObject({ waiting: 1 })
  })

  const a: Lease = { shares: new Set([1]), node: 'a', generation: 1 }
  const b: Lease = { shares: new Set([2, 3]), node: 'b', generation: 1 }

  it('keeps the watermark of each share, and tells the lowest of those that are asked for', async () => {
    const { store, reopen } = await fresh()
    const settled = (position: number) => ({ ...nothingSettled, watermarks: [{ partition: 0, position }] })
    await store.settle(settled(10), a)
    await store.settle(settled(30), b)
    const again = await reopen()
    const of = async (...shares: number[]) => (await again.load(new Set(shares))).watermarks
    expect(await of(1)).toEqual([{ partition: 0, position: 10 }])
    expect(await of(3)).toEqual([{ partition: 0, position: 30 }])
    expect(await of(1, 2)).toEqual([{ partition: 0, position: 10 }])
    expect(await of()).toEqual([])
    // For a share that nobody has settled for, everything is to be read.
    expect(await of(1, 2, 4)).toEqual([{ partition: 0, position: 0 }])
    await again.settle(settled(40), soleLease)
    expect((await again.load(everyShare)).watermarks).toEqual([{ partition: 0, position: 40 }])
  })

  if ('cannot' in leases) {
    it.skip(`writes nothing under a lease that has ended: it cannot, because ${leases.cannot}`)
    return
  }

  it('writes nothing under a lease that has ended, and everything under its successor', async () => {
    const { store } = await fresh()
    await store.settle({ ...nothingSettled, waiting: [waitingRow(1, 1)] }, a)
    await leases.end(store, a)
    const late = {
      ...nothingSettled,
      watermarks: [{ partition: 0, position: 9 }],
      waiting: [waitingRow(1, 2)],
      cleared: [keyOf(1, 1)],
      attempts: [attemptRow(1, 1)],
    }
    expect(await store.settle(late, a)).toBe('fenced')
    expect(await store.settle(nothingSettled, a)).toBe('fenced')
    expect(await store.count()).toMatchObject({ waiting: 1 })
    expect(await store.attemptsOf(keyOf(1, 1))).toEqual([])
    expect((await store.load(a.shares)).watermarks).toEqual([])
    expect(await store.settle(late, b)).toBe('written')
    expect(await store.settle(late, { ...a, generation: 2 })).toBe('written')
  })
}
