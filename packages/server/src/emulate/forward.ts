import { setTimeout as pause } from 'node:timers/promises'

/** Deliveries, as time moves for them. */
export interface MovedDeliveries {
  /** Attempts under way now. */
  readonly attemptsUnderWay: number
  /** Events that no attempt was made for yet, because they were not read so far. */
  readonly lag: number
  /** Resolves when everything that was settled is in the store. */
  flush(): Promise<void>
  /** When the next attempt may be made; now or before: it is to come; null: none waits. */
  nextAttemptAtMs(): Promise<number | null>
}

export interface ForwardDeps {
  readonly clock: { now(): number; jump(byMs: number): void }
  readonly deliveries: MovedDeliveries
}

const pollMs = 4
/** Looks in a row that find nothing to do, so that what follows from the last attempt has happened too. */
const quietLooks = 4
/** Looks at something that is due and is not begun: it waits for time, as a limited rate does. */
const patientLooks = 25
const firstStepMs = 250
const longestStepMs = 3_600_000

/**
 * Moves time forward from attempt to attempt: each is made at its own time and has ended before time goes
 * on, so that every retry of the span is seen, and what they lead to. Time in between is skipped.
 */
export async function forward(byMs: number, deps: ForwardDeps): Promise<void> {
  const { clock, deliveries } = deps
  await settle(deps)
  const endMs = clock.now() + byMs
  let stepMs = firstStepMs
  for (let nowMs = clock.now(); nowMs < endMs; nowMs = clock.now()) {
    const nextMs = await deliveries.nextAttemptAtMs()
    const isOverdue = nextMs !== null && nextMs <= nowMs
    stepMs = isOverdue ? Math.min(stepMs * 2, longestStepMs) : firstStepMs
    const targetMs = nextMs === null ? endMs : isOverdue ? nowMs + stepMs : nextMs
    clock.jump(Math.max(0, Math.min(targetMs, endMs) - clock.now()))
    await settle(deps)
  }
}

async function settle({ clock, deliveries }: ForwardDeps): Promise<void> {
  for (let quiet = 0, patience = patientLooks; quiet < quietLooks; ) {
    await pause(pollMs)
    if (deliveries.attemptsUnderWay > 0) {
      quiet = 0
      continue
    }
    await deliveries.flush()
    const nextMs = await deliveries.nextAttemptAtMs()
    const isToCome = deliveries.lag > 0 || (nextMs !== null && nextMs <= clock.now())
    if (isToCome && patience-- > 0) quiet = 0
    else quiet += 1
  }
}
