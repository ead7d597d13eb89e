import type { Verdict } from '../harness/judge.ts'

/** What the judge counts, in the order in which it is told. */
export const findings = ['lost', 'duplicated', 'reordered', 'altered', 'leaked', 'phantom', 'misnumbered'] as const

export type Finding = (typeof findings)[number]

export function sumOf(verdicts: readonly Verdict[], finding: Finding): number {
  return verdicts.flatMap(({ readers }) => readers).reduce((total, reader) => total + reader[finding], 0)
}
