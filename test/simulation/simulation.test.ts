import { describe, expect, it } from 'vitest'
import { wrongsOf } from './life.ts'

/** How many worlds are tried; a failing one is run again alone with `SIMULATION_SEED`. */
const seeds = Number(process.env.SIMULATION_SEEDS ?? 1_000)
const only = process.env.SIMULATION_SEED
const perTest = 250

describe('the delivery core in simulated worlds', () => {
  if (only !== undefined) {
    it(`keeps its promises in world ${only}`, async () => {
      expect(await wrongsOf(Number(only))).toEqual([])
    })
    return
  }
  for (let first = 1; first <= seeds; first += perTest) {
    const last = Math.min(first + perTest - 1, seeds)
    it(`keeps its promises in worlds ${first} to ${last}`, { timeout: 600_000 }, async () => {
      for (let seed = first; seed <= last; seed += 1) expect(await wrongsOf(seed)).toEqual([])
    })
  }
})
