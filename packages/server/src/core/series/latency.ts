/** A doubling of the latency is this many steps, so what is told lies within a tenth of what was. */
const stepsPerDoubling = 4

/** The step of a histogram that a latency falls into: 0 for less than a millisecond, and then four to each doubling. */
export function latencyStep(latencyMs: number): number {
  return latencyMs < 1 ? 0 : 1 + Math.floor(Math.log2(latencyMs) * stepsPerDoubling)
}

/** Milliseconds in the middle of a step, whole ones from 10 on. */
function middleOf(step: number): number {
  if (step === 0) return 0.5
  const middleMs = 2 ** ((step - 0.5) / stepsPerDoubling)
  return middleMs < 10 ? Math.round(middleMs * 100) / 100 : Math.round(middleMs)
}

/**
 * The latency, in milliseconds, that a share of all did not exceed.
 * @param histogram how many fell into each step
 * @param share above 0, up to 1: 0.99 for the 99th percentile
 * @returns null when there are none
 */
export function latencyAt(histogram: ReadonlyMap<number, number>, share: number): number | null {
  const steps = [...histogram].sort(([a], [b]) => a - b)
  const total = steps.reduce((sum, [, count]) => sum + count, 0)
  let left = Math.ceil(total * share)
  for (const [step, count] of steps) {
    left -= count
    if (left <= 0) return middleOf(step)
  }
  return null
}
