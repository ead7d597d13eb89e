import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NewEvent } from '../../core/event/event.ts'
import { ManualClock } from '../../core/time/clock.ts'
import type { EventLog } from '../../log/event-log.ts'
import { fingerprints, newEvent } from './events.ts'
import { readAll } from './log-calls.ts'
import type { LogEngine } from './log-engine.ts'

const topics = ['invoices', 'customers', 'suppliers', 'orders']

type Step =
  | { readonly kind: 'append'; readonly calls: readonly (readonly NewEvent[])[] }
  | {
      readonly kind: 'read'
      readonly after: number
      readonly topics: readonly string[] | null
      readonly maxBytes: number
      readonly maxEvents: number
    }
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'drop'; readonly agoMs: number }
  | { readonly kind: 'position-before'; readonly agoMs: number }
  | { readonly kind: 'read-at'; readonly positions: readonly number[] }
  | { readonly kind: 'reopen' }

const event = fc
  .record({
    topic: fc.constantFrom(...topics),
    tenantId: fc.integer({ min: 1, max: 3 }),
    type: fc.constantFrom('invoice.updated', 'customer.created'),
    id: fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'ö', '𝄞'), fc.string({ minLength: 1, maxLength: 8 })),
    fingerprint: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 3, arbitrary: fc.constant(fingerprints[0]) },
      { weight: 1, arbitrary: fc.constant(fingerprints[1]) },
    ),
    isQuiet: fc.boolean(),
    entityKey: fc.string({ unit: 'grapheme', maxLength: 10 }),
    tail: fc.oneof(
      { weight: 20, arbitrary: fc.string({ unit: 'grapheme', maxLength: 50 }) },
      { weight: 1, arbitrary: fc.constant('x'.repeat(150_000)) },
    ),
  })
  .map((given) => newEvent(given))

const ages = fc.integer({ min: -50, max: 400 })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      calls: fc.array(fc.array(event, { maxLength: 6 }), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      after: fc.nat({ max: 60 }),
      topics: fc.option(fc.subarray(topics)),
      maxBytes: fc.constantFrom(1, 300, 2_000, 1_000_000),
      maxEvents: fc.constantFrom(1, 2, 7, 1_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), byMs: fc.integer({ min: -30, max: 100 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), agoMs: ages }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('position-before' as const), agoMs: ages }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('read-at' as const),
      positions: fc.array(fc.nat({ max: 60 }), { maxLength: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
)

/** Random calls on an engine with one partition give what the model gives. */
export function describeLogModel(
  name: string,
  given: {
    readonly model: (options: { readonly clock: ManualClock }) => EventLog
    readonly engine: Required<LogEngine>
    readonly runs: number
  },
): void {
  test(`${name} does what the model does`, { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const clock = new ManualClock()
        const model = given.model({ clock })
        let log = await given.engine.open({ clock })
        try {
          for (const step of steps) {
            if (step.kind === 'reopen') log = await given.engine.reopen(log, { clock })
            else if (step.kind === 'advance') await clock.advance(step.byMs)
            else expect(await outcomeOf(log, step, clock.now())).toEqual(await outcomeOf(model, step, clock.now()))
            expect(log.bounds(0)).toEqual(model.bounds(0))
          }
          expect(await readAll(log)).toEqual(await readAll(model))
        } finally {
          await log.close()
        }
      }),
      { numRuns: given.runs },
    )
  })
}

async function outcomeOf(log: EventLog, step: Exclude<Step, { kind: 'reopen' | 'advance' }>, nowMs: number) {
  switch (step.kind) {
    case 'append':
      return await Promise.all(step.calls.map((events) => log.append(events)))
    case 'read': {
      const { after, maxBytes, maxEvents } = step
      const limits = { partition: 0, after: Math.min(after, log.bounds(0).latest), maxBytes, maxEvents }
      const request = step.topics ? { ...limits, topics: new Set(step.topics) } : limits
      const slice = await log.read(request)
      expect(slice.events.length).toBeLessThanOrEqual(maxEvents)
      const lengths = slice.events.map((event) => event.head.length + event.tail.length)
      expect(lengths.slice(0, -1).reduce((sum, length) => sum + length, 0)).toBeLessThan(maxBytes)
      return await readAll(log, request)
    }
    case 'drop':
      return await log.dropBefore(nowMs - step.agoMs)
    case 'read-at':
      return await log.readAt(0, step.positions)
    case 'position-before':
      return await log.positionBefore(0, nowMs - step.agoMs)
    default:
      return step satisfies never
  }
}
