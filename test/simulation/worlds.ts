import { describe, expect, it } from 'vitest'
import { wrongsOf } from './life.ts'

const only = process.env.SIMULATION_SEED
const perTest = 250

interface Share {
  readonly worlds: number
  /** From 1 on. */
  readonly part?: number
  readonly parts?: number
}

/**
 * Tries the worlds from 1 on; `SIMULATION_SEEDS` says otherwise how many. Of `parts` files that run beside one
 * another each tries every `parts`-th. A failing world is printed, and runs alone with `SIMULATION_SEED`.
 */
export function describeWorlds({ worlds: count, part = 1, parts = 1 }: Share): void {
  const seeds = Number(process.env.SIMULATION_SEEDS ?? count)
  describe(`the delivery core in simulated worlds, part ${part} of ${parts}`, () => {
    if (only !== undefined) {
      it(`keeps its promises in world ${only}`, { timeout: 600_000 }, async () => {
        expect(await wrongsOf(Number(only))).toEqual([])
      })
      return
    }
    const worlds = Array.from({ length: seeds }, (_, index) => index + 1).filter((seed) => seed % parts === part - 1)
    for (let start = 0; start < worlds.length; start += perTest) {
      const some = worlds.slice(start, start + perTest)
      it(`keeps its promises in worlds ${some[0]} to ${some.at(-1)}`, { timeout: 600_000 }, async () => {
        for (const seed of some) expect(await wrongsOf(seed)).toEqual([])
      })
    }
  })
}
