import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Control, Demand, Fault } from './fault.ts'
import { type Finding, findings, sumOf } from './finding.ts'

export type Result =
  | { readonly kind: 'skipped'; readonly fault: string; readonly reason: string }
  | {
      readonly kind: 'run'
      readonly fault: string
      readonly rounds: number
      readonly acknowledged: number
      readonly found: Readonly<Record<Finding, number>>
      readonly demands: readonly Demand[]
      readonly control: Control
      readonly examples: readonly string[]
      readonly seconds: number
    }
  /** The others are made nevertheless. */
  | { readonly kind: 'broken'; readonly fault: string; readonly error: Error }

export interface ResultOptions {
  readonly rounds: number
  readonly seed: number
  readonly onRound?: (done: number) => void
}

/** Makes a fault, so many rounds of it, and its control, in a directory of its own. Never throws. */
export async function resultOf(fault: Fault, { rounds, seed, onRound = () => {} }: ResultOptions): Promise<Result> {
  const reason = fault.obstacle?.()
  if (reason !== undefined) return { kind: 'skipped', fault: fault.name, reason }
  const root = mkdtempSync(join(tmpdir(), 'tidings-fault-'))
  const startedMs = performance.now()
  try {
    const [directory, controlDirectory] = [join(root, 'rounds'), join(root, 'control')]
    mkdirSync(directory)
    mkdirSync(controlDirectory)
    const { verdicts, demands } = await fault.run({ rounds, seed, directory, onRound })
    const control = await fault.control({ seed, directory: controlDirectory })
    return {
      kind: 'run',
      fault: fault.name,
      rounds,
      acknowledged: verdicts.reduce((total, { acknowledged }) => total + acknowledged, 0),
      found: Object.fromEntries(findings.map((finding) => [finding, sumOf(verdicts, finding)])) as Record<
        Finding,
        number
      >,
      demands,
      control,
      examples: verdicts.flatMap(({ examples }) => examples),
      seconds: Math.round((performance.now() - startedMs) / 1_000),
    }
  } catch (error) {
    return { kind: 'broken', fault: fault.name, error: error as Error }
  } finally {
    if (!process.env.FAULTS_KEEP) rmSync(root, { recursive: true, force: true })
  }
}

/**
 * Nothing but duplicates, every demand met, and a control that failed. What was skipped is sound only where
 * it may be skipped.
 */
export function isSound(result: Result, maySkip: boolean): boolean {
  if (result.kind === 'skipped') return maySkip
  if (result.kind === 'broken') return false
  const isClean = findings.every((finding) => finding === 'duplicated' || result.found[finding] === 0)
  return isClean && result.acknowledged > 0 && result.demands.every(({ isMet }) => isMet) && result.control.hasFailed
}
