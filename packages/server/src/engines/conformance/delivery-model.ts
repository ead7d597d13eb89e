import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deliveryKeyText } from '../../core/delivery/delivery.ts'
import { soleLease } from '../../core/delivery/lease.ts'
import { everyShare } from '../../core/delivery/shares.ts'
import type { DeliveryPage } from '../../deliver/history/history-store.ts'
import { nothingSettled } from '../../deliver/settling/settling-store.ts'
import type { DeliveryEngine } from '../delivery-engine.ts'
import { makeMemoryDeliveryStore } from '../memory/delivery-store.ts'
import { attemptRow, dayMs, keyOf, list, startMs, waitingRow } from './delivery-rows.ts'

/** The part of the suite that compares a store of delivery state with the model, over whatever is done to both. */
export function describeDeliveryModel(open: () => Promise<{ readonly store: DeliveryEngine }>): void {
  it('does as the model does', async () => {
    const key = fc.record({ subscription: fc.integer({ min: 1, max: 3 }), position: fc.integer({ min: 1, max: 5 }) })
    const time = fc
      .tuple(fc.integer({ min: -3, max: 0 }), fc.integer({ min: 0, max: 3 }))
      .map(([day, ms]) => startMs + day * dayMs + ms)
    const outcome = fc.constantFrom('delivered', 'waiting', 'failed', 'superseded')
    const settlement = fc.record({
      waiting: fc.array(fc.record({ key, time, attempts: fc.nat(3) }), { maxLength: 3 }),
      ended: fc.array(fc.record({ key, time, status: fc.constantFrom('failed', 'superseded') }), { maxLength: 2 }),
      cleared: fc.array(key, { maxLength: 2 }),
      attempts: fc.array(fc.record({ key, time, attempt: fc.integer({ min: 1, max: 3 }), outcome }), {
        maxLength: 5,
      }),
    })
    const step = fc.oneof(
      { weight: 8, arbitrary: settlement.map((settle) => ({ kind: 'settle', settle }) as const) },
      {
        weight: 1,
        arbitrary: fc
          .integer({ min: -3, max: 0 })
          .map((day) => ({ kind: 'drop', timeMs: startMs + day * dayMs }) as const),
      },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 1, max: 3 }).map((subscription) => ({ kind: 'forget', subscription }) as const),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 16 }), async (steps) => {
        const { store } = await open()
        const model = makeMemoryDeliveryStore()
        const both = async <T>(ask: (store: DeliveryEngine) => Promise<T>) => {
          expect(await ask(store)).toEqual(await ask(model))
        }
        try {
          for (const step of steps) {
            for (const target of [store, model]) {
              if (step.kind === 'drop') await target.dropBefore(step.timeMs)
              else if (step.kind === 'forget') await target.forget(step.subscription)
              else {
                const { waiting, ended, cleared, attempts } = step.settle
                await target.settle(
                  {
                    ...nothingSettled,
                    waiting: waiting.map((row) =>
                      waitingRow(row.key.subscription, row.key.position, { dueAtMs: row.time, attempts: row.attempts }),
                    ),
                    ended: ended.map((row) => ({
                      ...waitingRow(row.key.subscription, row.key.position, { dueAtMs: row.time }),
                      status: row.status,
                    })),
                    cleared: cleared.map(({ subscription, position }) => keyOf(subscription, position)),
                    attempts: attempts.map((row) =>
                      attemptRow(row.key.subscription, row.key.position, {
                        atMs: row.time,
                        attempt: row.attempt,
                        outcome: row.outcome,
                      }),
                    ),
                  },
                  soleLease,
                )
              }
            }
            for (const statuses of [null, ['delivered'], ['waiting', 'failed'], ['superseded']] as const) {
              for (const limit of [3, 100]) {
                await both((asked) => list(asked, [1, 3, 2], statuses && [...statuses], { limit }))
              }
            }
            await both((asked) => walk(asked))
            await both((asked) => asked.count())
            await both((asked) => asked.nextDueMs({ shares: everyShare, excluding: new Set([2]) }))
            await both((asked) => asked.oldestWaiting({ partition: 0, after: 0 }))
            for (const shares of [new Set([1, 3]), new Set([2])]) {
              await both((asked) => asked.due({ shares, nowMs: startMs, limit: 4, excluding: new Set() }))
              await both((asked) => asked.nextDueMs({ shares, excluding: new Set([3]) }))
            }
            const claimed = new Set([deliveryKeyText(keyOf(1, 1)), deliveryKeyText(keyOf(2, 2))])
            for (const leftOut of [{ excluding: new Set([3]) }, { excluding: new Set([3]), claimed }]) {
              await both((asked) => asked.due({ shares: everyShare, nowMs: startMs, limit: 4, ...leftOut }))
              await both((asked) => asked.nextDueMs({ shares: everyShare, ...leftOut }))
            }
            for (const position of [1, 2, 3]) {
              await both((asked) => asked.find(keyOf(1, position)))
              await both((asked) => asked.attemptsOf(keyOf(1, position)))
            }
          }
        } finally {
          await store.close()
        }
      }),
      { numRuns: 12, endOnFailure: true },
    )
  })
}

/** All pages of two, one after the other. */
async function walk(store: DeliveryEngine): Promise<unknown[]> {
  const pages: unknown[] = []
  for (let cursor: string | null = null; ; ) {
    const page: DeliveryPage = await list(store, [1, 2, 3], null, { limit: 2, cursor })
    pages.push(page)
    if (page.next === null) return pages
    cursor = page.next
  }
}
