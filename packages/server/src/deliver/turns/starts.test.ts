import { expect, test } from 'vitest'
import type { Standing } from '../../core/delivery/standing.ts'
import { ManualClock } from '../../core/time/clock.ts'
import type { Entrant } from './entrant.ts'
import { entrantWith } from './fixtures/entrant.ts'
import { Starts } from './starts.ts'

const entrantOf = (standing: Standing, integrationId = 'int_1') =>
  entrantWith({
    integrationId,
    hasSucceeded: standing === 'proven',
    breaker: { state: 'closed', failures: standing === 'suspect' ? 1 : 0 },
  })

/** Those that all want to begin one attempt; `begun` has them in the order in which they did. */
function open() {
  const clock = new ManualClock()
  const begun: Entrant[] = []
  const pump = (entrant: Entrant) => {
    if (!starts.mayBegin(entrant)) return
    starts.begun(entrant)
    begun.push(entrant)
  }
  const starts: Starts<Entrant> = new Starts(clock, () => {
    for (let entrant = starts.next(); entrant; entrant = starts.next()) pump(entrant)
  })
  return { clock, begun, starts, pump }
}

test.each([
  ['unknown', 10],
  ['suspect', 5],
] as const)(
  'an event for a thousand endpoints that are %s begins with %d, and goes on with as many',
  async (standing, together) => {
    const { clock, begun, pump } = open()
    for (let index = 0; index < 1_000; index++) pump(entrantOf(standing))
    expect(begun).toHaveLength(together)
    await clock.advance(9)
    expect(begun).toHaveLength(together)
    await clock.advance(91)
    expect(begun).toHaveLength(11 * together)
    await clock.advance(10_000)
    expect(begun).toHaveLength(1_000)
    expect(clock.nextDueMs()).toBeUndefined()
  },
)

test('who answers waits for the turn of the event loop alone, whoever else waits', async () => {
  const { begun, pump } = open()
  for (let index = 0; index < 100; index++) pump(entrantOf('suspect'))
  const proven = Array.from({ length: 40 }, () => entrantOf('proven'))
  for (const entrant of proven) pump(entrant)
  expect(begun.filter((entrant) => entrant.hasSucceeded)).toHaveLength(32)
  await new Promise(setImmediate)
  expect(begun.filter((entrant) => entrant.hasSucceeded)).toEqual(proven)
  expect(begun).toHaveLength(45)
})

test('integrations take turns, and who is gone has none', async () => {
  const { clock, begun, starts, pump } = open()
  for (let index = 0; index < 100; index++) pump(entrantOf('unknown', 'int_many'))
  const [gone, one] = [entrantOf('unknown', 'int_gone'), entrantOf('unknown', 'int_one')]
  pump(gone)
  pump(one)
  starts.forget(gone)
  await clock.advance(10)
  expect(begun).toContain(one)
  await clock.advance(1_000)
  expect(begun).not.toContain(gone)
  expect(begun).toHaveLength(101)
})
