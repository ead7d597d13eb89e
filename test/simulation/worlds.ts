import { describe, expect, it } from 'vitest'
import { wrongsOf } from './life.ts'

/** How many worlds are tried. A failing one is printed, and runs alone with `SIMULATION_SEED`. */
const seeds = Number(process.env.SIMULATION_SEEDS ?? (process.env.CI === 'true' ? 10_000 : 1_000))
const only = process.env.SIMULATION_SEED
const perTest = 250

/** Every `parts`-th world from `part` on, so that files share the worlds and run beside one another. */
export function describeWorlds(part: number, parts: number): void {
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
