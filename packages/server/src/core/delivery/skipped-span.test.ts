import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterSkipped, broughtBack, isSkipped, type SkippedSpan, withSpan } from './skipped-span.ts'

const span = (after: number, to: number, rest: Partial<SkippedSpan> = {}): SkippedSpan => ({
  after,
  to,
  reason: 'catch_up_cancelled',
  atMs: 0,
  isReadAgain: false,
  ...rest,
})
const anySpan = fc
  .tuple(fc.nat({ max: 500 }), fc.nat({ max: 30 }))
  .map(([after, length]) => span(after, after + length, { atMs: after }))
const covered = (spans: readonly SkippedSpan[]) => {
  const positions = new Set<number>()
  for (const { after, to } of spans)
    for (let position = after + 1; position <= to; position += 1) positions.add(position)
  return positions
}

describe('skipped spans', () => {
  it('are told by the newest of those that overlap', () => {
    const spans = withSpan([span(0, 10), span(20, 30)], span(5, 25, { reason: 'retention' }))
    expect(spans).toEqual([span(0, 5), span(5, 25, { reason: 'retention' }), span(25, 30)])
  })

  it('are not kept when nothing was skipped', () => {
    expect(withSpan([], span(7, 7))).toEqual([])
  })

  it('hide nothing that was skipped, however many there are, and do not overlap', () => {
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 200 }), (added) => {
        const spans = added.reduce(withSpan, [] as readonly SkippedSpan[])
        const kept = covered(spans)
        for (const position of covered(added)) expect(kept.has(position)).toBe(true)
        expect(spans.length).toBeLessThanOrEqual(64)
        for (const [index, { to }] of spans.entries()) {
          const next = spans[index + 1]
          if (next) expect(next.after).toBeGreaterThanOrEqual(to)
        }
      }),
    )
  })

  it('become one where there are too many, and what lies between is still read', () => {
    const many = Array.from({ length: 65 }, (_, index) => span(index * 10, index * 10 + 5))
    const spans = many.reduce(withSpan, [] as readonly SkippedSpan[])
    expect(spans[0]).toEqual(span(0, 15, { isReadAgain: true }))
    expect(isSkipped(spans, 7)).toBe(false)
  })

  it('end where a rewind begins', () => {
    expect(broughtBack([span(0, 10), span(20, 30), span(40, 50)], 25, false)).toEqual([span(0, 10), span(20, 25)])
  })

  it('stay noted for the topics that a rewind does not name', () => {
    const spans = broughtBack([span(20, 30), span(40, 50)], 25, true)
    expect(spans).toEqual([span(20, 25), span(25, 30, { isReadAgain: true }), span(40, 50, { isReadAgain: true })])
    expect(isSkipped(spans, 25)).toBe(true)
    expect(isSkipped(spans, 26)).toBe(false)
  })

  it('are stepped over by reading, one after the other', () => {
    const spans = [span(0, 10), span(10, 12), span(20, 30)]
    expect(afterSkipped(spans, 0)).toBe(12)
    expect(afterSkipped(spans, 5)).toBe(12)
    expect(afterSkipped(spans, 12)).toBe(12)
    expect(afterSkipped(spans, 20)).toBe(30)
    expect(afterSkipped(spans, 30)).toBe(30)
  })
})
