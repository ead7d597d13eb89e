import { afterAll, expect, test } from 'vitest'
import { faults } from './faults.ts'
import { isSound, resultOf } from './result.ts'
import { heading, lineOf } from './table.ts'

/** A bounded set; `npm run test:faults -- --rounds N` makes more. */
const rounds: Readonly<Record<string, number>> = { 'clock jump': 6, 'damaged bytes': 4, 'kill in migration': 4 }
const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1e9))
const lines: string[] = []

afterAll(() => console.log([`seed ${seed}`, heading, ...lines].join('\n')))

test.each(faults.map((fault) => [fault.name, fault] as const))(
  '%s: nothing but duplicates, and the control fails',
  { timeout: 240_000 },
  async (name, fault) => {
    const result = await resultOf(fault, { rounds: rounds[name] ?? 2, seed })
    lines.push(lineOf(result))
    expect(isSound(result, process.env.CI !== 'true'), lineOf(result)).toBe(true)
  },
)
