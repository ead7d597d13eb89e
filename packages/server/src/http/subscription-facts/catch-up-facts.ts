import type { CatchUp } from '../../core/delivery/catch-up.ts'
import { type Pace, paceWindowMs } from '../../core/delivery/pace.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import type { CatchUpFacts, CatchUpProgress } from './shapes.ts'

export function catchUpFacts({ reason, sinceMs, pausedAtMs }: CatchUp): CatchUpFacts {
  return {
    state: pausedAtMs === null ? 'running' : 'paused',
    reason,
    since: formatRfc3339(sinceMs),
    pausedAt: pausedAtMs === null ? null : formatRfc3339(pausedAtMs),
  }
}

/** How fast it goes, and how long it still takes. `pace` null: it has read nothing yet. */
export function paceFacts(
  pace: Pace | null,
): Pick<CatchUpProgress, 'eventsPerSecond' | 'windowSeconds' | 'secondsLeft'> {
  return {
    eventsPerSecond: rounded(pace ? pace.eventsPerSecond : 0),
    windowSeconds: paceWindowMs / 1_000,
    secondsLeft: pace?.secondsLeft ?? null,
  }
}

function rounded(figure: number | null): number | null {
  return figure === null ? null : Math.round(figure * 100) / 100
}
