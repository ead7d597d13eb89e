import { afterAll, expect, test } from 'vitest'
import type { Fault } from './fault.ts'
import { isSound, resultOf } from './result.ts'
import { heading, lineOf } from './table.ts'

const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1e9))

/** Makes each fault and its control, and prints the table of what was found. */
export function testFaults(faults: readonly Fault[], roundsOf: (name: string) => number): void {
  const lines: string[] = []

  afterAll(() => console.log([`seed ${seed}`, heading, ...lines].join('\n')))

  test.each(faults.map((fault) => [fault.name, fault] as const))(
    '%s: nothing but duplicates, and the control fails',
    { timeout: 240_000 },
    async (name, fault) => {
      const result = await resultOf(fault, { rounds: roundsOf(name), seed })
      lines.push(lineOf(result))
      expect(isSound(result, process.env.CI !== 'true'), lineOf(result)).toBe(true)
    },
  )
}
