import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Life, type Step } from './life.ts'
import { startWorld, type World } from './world.ts'

/** More of them: `ACCESS_RUNS=200 npx vitest run test/access`. */
const runs = Number(process.env.ACCESS_RUNS ?? 6)
let world: World
let made = 0

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world?.close()
})

const tenant = fc.integer({ min: 1, max: 5 })
const types = fc.constantFrom(null, ['invoice.created'], ['invoice.updated'])
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('publish' as const), tenant, isCreated: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('place' as const), tenant, parent: fc.integer({ min: 0, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), tenant }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('grant' as const),
      tenant,
      types,
      isShort: fc.boolean(),
      way: fc.constantFrom('none' as const, 'events' as const, 'stream' as const, 'subscription' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('revoke' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('feed' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('poll' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('catch-up' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resend' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
)

test('what is acknowledged after a change was answered is judged by the new view, on every way', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }), async (steps) => {
      made += 1
      const life = await Life.begin(world, made * 100)
      try {
        for (const one of steps) await life.take(one)
        await life.take({ kind: 'settle' })
        expect(life.faults).toEqual([])
      } finally {
        await life.end()
      }
    }),
    { numRuns: runs, endOnFailure: true },
  )
})
