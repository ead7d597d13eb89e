import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type TrackedEvent, Tracker } from './tracker.ts'

it('never passes an event that is not settled, and passes all that are', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('open' as const),
      gap: fc.integer({ min: 1, max: 5 }),
      pending: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ kind: fc.constant('settle' as const), which: fc.nat(50) }),
    fc.record({ kind: fc.constant('read' as const), gap: fc.integer({ min: 1, max: 5 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const tracker = new Tracker(10)
      const open: { entry: TrackedEvent; left: number }[] = []
      let readTo = 10
      for (const move of steps) {
        if (move.kind === 'open') {
          readTo += move.gap
          open.push({ entry: tracker.open(readTo, move.pending), left: move.pending })
        } else if (move.kind === 'read') {
          readTo += move.gap
          tracker.read(readTo)
        } else {
          const unsettled = open.filter(({ left }) => left > 0)
          const chosen = unsettled[move.which % Math.max(1, unsettled.length)]
          if (chosen) {
            chosen.left -= 1
            tracker.settle(chosen.entry)
          }
        }
        const oldest = open.find(({ left }) => left > 0)
        expect(tracker.watermark).toBe(oldest ? oldest.entry.position - 1 : readTo)
        expect(tracker.readTo).toBe(readTo)
      }
    }),
  )
})
