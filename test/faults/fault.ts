import type { Verdict } from '../harness/judge.ts'

export interface ControlOptions {
  readonly seed: number
  /** Empty, and the control's own: data and journals go here. */
  readonly directory: string
}

export interface FaultOptions extends ControlOptions {
  readonly rounds: number
  /** Told after each round how many are done. */
  readonly onRound: (done: number) => void
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

/** What a fault came to against something that does not keep the promise. */
export interface Control {
  /** What that is, and what was found, with its figures. */
  readonly text: string
  /** As it must: else the rounds could not have seen that failure either. */
  readonly hasFailed: boolean
}

export interface Fault {
  readonly name: string
  /** Why this machine cannot make the fault; undefined when it can. */
  readonly obstacle?: () => string | undefined
  readonly run: (options: FaultOptions) => Promise<FaultRun>
  /** The same fault, once, against something that does not keep the promise. */
  readonly control: (options: ControlOptions) => Promise<Control>
}
