import { expect, test } from 'vitest'
import { encodeOffset } from '../core/ids/offset.ts'
import { ManualClock } from '../core/time/clock.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { LaggingLog } from '../log/fixtures/lagging-log.ts'
import { StartPlaces, startPlace } from './start-place.ts'

/** Three events that another node has appended. */
async function appendedElsewhere() {
  const clock = new ManualClock()
  const whole = new MemoryLog({ clock, epoch: 7 })
  const log = new LaggingLog(whole)
  await whole.append(['a', 'b', 'c'].map((id) => newEvent({ id })))
  await clock.advance(1_000)
  expect(log.bounds(0).latest).toBe(0)
  return { clock, log }
}

test('now begins after everything that was acknowledged anywhere', async () => {
  const { log } = await appendedElsewhere()
  expect(await startPlace('now', '/start', log, ['invoices'])).toMatchObject({ mode: 'shared', position: 3 })
})

test('an offset that another node gave is taken', async () => {
  const { log } = await appendedElsewhere()
  const invoices = encodeOffset({ epoch: 7, topic: 'invoices', position: 2 })
  expect(await startPlace({ offsets: { invoices } }, '/start', log, ['invoices'])).toMatchObject({
    position: 2,
    topicFloors: { invoices: 2, '*': 3 },
  })
})

test('a time is looked for among everything that was acknowledged anywhere', async () => {
  const { clock, log } = await appendedElsewhere()
  const time = new Date(clock.now()).toISOString()
  expect(await startPlace({ time }, '/start', log, ['invoices'])).toMatchObject({ mode: 'own', position: 3 })
})

test('places are found over the topics that there are at the moment', async () => {
  const { log } = await appendedElsewhere()
  const topics: string[] = []
  const places = new StartPlaces(log, () => topics)
  const invoices = encodeOffset({ epoch: 7, topic: 'invoices', position: 2 })
  await expect(places.placeOf({ offsets: { invoices } }, '/start')).rejects.toMatchObject({
    errors: [{ pointer: '/start/offsets/invoices' }],
  })
  topics.push('invoices')
  expect(await places.placeOf({ offsets: { invoices } }, '/start')).toMatchObject({ position: 2 })
})
