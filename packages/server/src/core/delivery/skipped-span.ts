/** Why a subscription was not given what it would have been due. */
export const skipReasons = [
  'catch_up_cancelled',
  'enabled_from_now',
  'enabled_from_time',
  'retention',
  /** Many such spans, kept as one. */
  'several',
] as const
export type SkipReason = (typeof skipReasons)[number]

/** Positions of the log that a subscription's reading left out: after `after`, up to `to`. */
export interface SkippedSpan {
  readonly after: number
  readonly to: number
  readonly reason: SkipReason
  readonly atMs: number
  /** A rewind of some topics reads it again; it stays noted for the other ones. */
  readonly isReadAgain: boolean
}

/** Spans kept of one subscription (invariant 8). At the cap the two oldest become one, with what lies between them. */
const spansCap = 64

/** The spans, ascending, with another one. Of what both cover the newer one tells. */
export function withSpan(spans: readonly SkippedSpan[], span: SkippedSpan): readonly SkippedSpan[] {
  if (span.to <= span.after) return spans
  const others = spans.flatMap((other) => partsOutside(other, span))
  let all = [...others, span].sort((a, b) => a.after - b.after)
  while (all.length > spansCap) {
    const [first, second, ...rest] = all as [SkippedSpan, SkippedSpan, ...SkippedSpan[]]
    all = [asOne(first, second), ...rest]
  }
  return all
}

function asOne(first: SkippedSpan, second: SkippedSpan): SkippedSpan {
  return {
    after: first.after,
    to: second.to,
    reason: first.reason === second.reason ? first.reason : 'several',
    atMs: Math.max(first.atMs, second.atMs),
    // Events between the two spans keep their state.
    isReadAgain: true,
  }
}

/** The spans that remain once everything after `position` is read again. `isPartial`: only some topics are read again. */
export function broughtBack(
  spans: readonly SkippedSpan[],
  position: number,
  isPartial: boolean,
): readonly SkippedSpan[] {
  return spans.flatMap((span) => {
    if (span.to <= position) return [span]
    const before = span.after < position ? [{ ...span, to: position }] : []
    if (!isPartial) return before
    return [...before, { ...span, after: Math.max(span.after, position), isReadAgain: true }]
  })
}

/** Where reading goes on that has come to `position`: what was left out is not read by a catch-up either. */
export function afterSkipped(spans: readonly SkippedSpan[], position: number): number {
  let place = position
  for (const { after, to, isReadAgain } of spans) if (!isReadAgain && after <= place && place < to) place = to
  return place
}

/** Whether the event at `position` was left out. */
export function isSkipped(spans: readonly SkippedSpan[], position: number): boolean {
  return spans.some(({ after, to, isReadAgain }) => !isReadAgain && after < position && position <= to)
}

function partsOutside(span: SkippedSpan, other: SkippedSpan): SkippedSpan[] {
  if (other.to <= span.after || span.to <= other.after) return [span]
  const before = span.after < other.after ? [{ ...span, to: other.after }] : []
  const behind = span.to > other.to ? [{ ...span, after: other.to }] : []
  return [...before, ...behind]
}
