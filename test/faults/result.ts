import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReaderVerdict } from '../harness/judge.ts'
import type { Demand, Fault } from './fault.ts'

const findings = ['lost', 'duplicated', 'reordered', 'altered', 'leaked', 'phantom', 'misnumbered'] as const

type Findings = { readonly [K in (typeof findings)[number]]: number }

export type Result =
  | { readonly kind: 'skipped'; readonly fault: string; readonly rounds: number; readonly reason: string }
  | ({
      readonly kind: 'run'
      readonly fault: string
      readonly rounds: number
      readonly acknowledged: number
      readonly demands: readonly Demand[]
      readonly examples: readonly string[]
      readonly seconds: number
    } & Findings)

/** Makes a fault, so many rounds of it, in a directory of its own. */
export async function resultOf(fault: Fault, rounds: number, seed: number): Promise<Result> {
  const reason = fault.obstacle?.()
  if (reason !== undefined) return { kind: 'skipped', fault: fault.name, rounds, reason }
  const directory = mkdtempSync(join(tmpdir(), 'tidings-fault-'))
  const startedMs = performance.now()
  try {
    const { verdicts, demands } = await fault.run({ rounds, seed, directory })
    const readers = verdicts.flatMap((verdict) => verdict.readers)
    const sum = (finding: keyof Findings) =>
      readers.reduce((total, reader: ReaderVerdict) => total + reader[finding], 0)
    return {
      kind: 'run',
      fault: fault.name,
      rounds,
      acknowledged: verdicts.reduce((total, { acknowledged }) => total + acknowledged, 0),
      ...(Object.fromEntries(findings.map((finding) => [finding, sum(finding)])) as unknown as Findings),
      demands,
      examples: verdicts.flatMap(({ examples }) => examples),
      seconds: Math.round((performance.now() - startedMs) / 1_000),
    }
  } finally {
    if (!process.env.FAULTS_KEEP) rmSync(directory, { recursive: true, force: true })
  }
}

/** Nothing but duplicates, and every demand met. What was skipped is sound only where it may be skipped. */
export function isSound(result: Result, maySkip: boolean): boolean {
  if (result.kind === 'skipped') return maySkip
  const { lost, reordered, altered, leaked, phantom, misnumbered, acknowledged } = result
  const isClean = lost + reordered + altered + leaked + phantom + misnumbered === 0
  return isClean && acknowledged > 0 && result.demands.every(({ isMet }) => isMet)
}

const columns = ['rounds', 'acknowledged', ...findings] as const

export const heading = row('fault', columns)

export function lineOf(result: Result): string {
  if (result.kind === 'skipped') return `${result.fault.padEnd(18)}  skipped: ${result.reason}`
  const cells = columns.map((column) => result[column].toLocaleString('en'))
  return [
    `${row(result.fault, cells)}   ${result.seconds} s`,
    ...result.demands.map(({ text, isMet }) => `  ${isMet ? '' : 'NOT MET: '}${text}`),
    ...result.examples.slice(0, 10).map((example) => `  ${example}`),
  ].join('\n')
}

function row(name: string, cells: readonly string[]): string {
  return [name.padEnd(18), ...cells.map((cell, index) => cell.padStart(columns[index]!.length))].join('  ')
}
