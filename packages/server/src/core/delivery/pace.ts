/** Where a reading loop stood at a moment, and where the log ended. */
export interface PaceSample {
  readonly atMs: number
  readonly readTo: number
  readonly latest: number
}

/** A rate is taken over this time, or since the reading began. */
export const paceWindowMs = 60_000
/** Samples are no closer than this, so that a window has 61 of them at most. */
const sampleMs = 1_000
/** Shorter than this, the measured rate is noise. */
const shortestMs = 1_000

export interface Pace {
  /** Events of the log gone through per second; null: it has not read for long enough to tell. */
  readonly eventsPerSecond: number | null
  /** Whole seconds until it has read to the end of a log that grows as it did; null: not known. */
  readonly secondsLeft: number | null
}

/** The samples that the next rate is taken from, oldest first. A clock that was set back begins them anew. */
export function sampled(samples: readonly PaceSample[], sample: PaceSample): readonly PaceSample[] {
  const last = samples.at(-1)
  if (last && (sample.atMs < last.atMs || sample.readTo < last.readTo)) return [sample]
  if (last && sample.atMs - last.atMs < sampleMs) return samples
  // The one before the window is where the window's reading began.
  const first = samples.findLastIndex(({ atMs }) => atMs <= sample.atMs - paceWindowMs)
  return [...samples.slice(Math.max(0, first)), sample]
}

/** @param now where the loop stands now */
export function paceOf(samples: readonly PaceSample[], now: PaceSample): Pace {
  const began = Math.max(
    0,
    samples.findLastIndex(({ atMs }) => atMs <= now.atMs - paceWindowMs),
  )
  const first = samples[began]
  const elapsedMs = first ? now.atMs - first.atMs : 0
  if (!first || elapsedMs < shortestMs) return { eventsPerSecond: null, secondsLeft: null }
  const perSecond = (events: number) => Math.max(0, events) / (elapsedMs / 1_000)
  const eventsPerSecond = perSecond(now.readTo - first.readTo)
  const behind = Math.max(0, now.latest - now.readTo)
  // What is appended meanwhile has to be read as well.
  const gained = eventsPerSecond - perSecond(now.latest - first.latest)
  const isKnown = behind === 0 || gained > 0
  return { eventsPerSecond, secondsLeft: isKnown ? secondsFor(behind, gained) : null }
}

/** A gain that would need longer than this is as good as none. */
const longestSeconds = 365 * 86_400

function secondsFor(behind: number, gainedPerSecond: number): number | null {
  if (behind === 0) return 0
  const seconds = Math.ceil(behind / gainedPerSecond)
  return seconds <= longestSeconds ? seconds : null
}
