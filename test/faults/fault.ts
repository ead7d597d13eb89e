import type { Verdict } from '../harness/judge.ts'

export interface FaultOptions {
  readonly rounds: number
  readonly seed: number
  /** Empty, and the fault's own: data and journals go here. */
  readonly directory: string
}

/** What a run of a fault came to. */
export interface FaultRun {
  /** Of the checker, over the journals of all rounds. */
  readonly verdicts: readonly Verdict[]
  /** What must have happened besides, so that the rounds prove something. */
  readonly demands: readonly Demand[]
}

export interface Demand {
  /** In words, with its figures. */
  readonly text: string
  readonly isMet: boolean
}

export interface Fault {
  readonly name: string
  /** Why this machine cannot make the fault; undefined when it can. */
  readonly obstacle?: () => string | undefined
  readonly run: (options: FaultOptions) => Promise<FaultRun>
}
