import { expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import { ManualClock } from '../../core/time/clock.ts'
import { sampleSubscription } from '../../dialects/samples.ts'
import { newEvent } from '../../engines/conformance/events.ts'
import { MemoryLog } from '../../engines/memory/log.ts'
import { LogPlaces } from './log-places.ts'

/** Three events, a second apart. */
async function placesOf() {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock, epoch: 7 })
  for (const id of ['a', 'b', 'c']) {
    await log.append([newEvent({ id })])
    await clock.advance(1_000)
  }
  const catalogue = builtinCatalogue(new Set(['standard']))
  const offsetOf = ({ topic, position }: { topic: string; position: number }) => `${topic}/${position}`
  return { places: new LogPlaces({ log, catalogue: () => catalogue, offsetOf }), catalogue }
}
const subscription = sampleSubscription('standard', { types: ['product.updated'] })

test('a place is told by the time of its event, and by the offset of each topic that is asked for', async () => {
  const { places, catalogue } = await placesOf()
  const topic = catalogue.find('product.updated')!.topic
  expect(await places.first(subscription, 1)).toEqual({
    ...{ time: '2026-01-01T00:00:01.000Z', offsets: { [topic]: `${topic}/1` } },
  })
  expect(await places.latest(subscription)).toEqual({
    ...{ time: '2026-01-01T00:00:02.000Z', offsets: { [topic]: `${topic}/3` } },
  })
  expect(await places.first(subscription, 3)).toMatchObject({ time: null })
  expect(Object.keys(places.offsetsAt({ ...subscription, types: ['*'] }, 2))).toEqual(
    [...catalogue.topics('standard')].sort(),
  )
})

test('what comes after a place is counted, and since when it waits', async () => {
  const { places } = await placesOf()
  expect([0, 1, 3, 9].map((position) => places.countAfter(position))).toEqual([3, 2, 0, 0])
  expect(await places.sinceMs(1)).toBe(Date.parse('2026-01-01T00:00:01Z'))
  expect(await places.sinceMs(3)).toBeNull()
})
