/**
 * Reading the log for topics that stand at different positions, in one pass: those furthest behind
 * go first, up to where the next ones stand; from there they go on together.
 *
 *   invoices   ●━━━━━━━━━━▶│
 *   customers              ●━━━━━━▶│
 *   articles                       ●━━━▶ tail
 */
export interface CatchUpRead {
  readonly after: number
  readonly topics: ReadonlySet<string>
  /** Events above it are not for these topics alone. */
  readonly upTo: number
}

/** The next read towards `end`, or undefined when no topic stands before it. */
export function planRead(positions: ReadonlyMap<string, number>, end: number): CatchUpRead | undefined {
  const after = Math.min(...positions.values())
  if (after >= end) return undefined
  const topics = new Set<string>()
  let upTo = Number.POSITIVE_INFINITY
  for (const [topic, position] of positions) {
    if (position === after) topics.add(topic)
    else upTo = Math.min(upTo, position)
  }
  return { after, topics, upTo }
}
