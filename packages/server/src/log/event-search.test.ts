import { expect, test } from 'vitest'
import { newId } from '../core/ids/id.ts'
import { ManualClock } from '../core/time/clock.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { EventSearch } from './event-search.ts'

let made = 0
const idAt = (ms: number) => {
  const random = new Uint8Array(10)
  new DataView(random.buffer).setUint32(0, made++)
  return newId('evt', ms, random)
}

async function filledLog(count: number) {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock })
  const publish = async (id = idAt(clock.now())) => {
    await log.append([newEvent({ id })])
    return id
  }
  const ids: string[] = []
  for (let index = 0; index < count; index++) {
    ids.push(await publish())
    if (index % 7 === 0) await clock.advance(10)
  }
  return { clock, log, ids, publish, search: new EventSearch(log, 0) }
}

test('an id of Tidings leads to its event, wherever it stands', async () => {
  const { search, ids } = await filledLog(3_000)
  for (const position of [1, 2, 1_500, 2_999, 3_000]) {
    expect((await search.byOwnId(ids[position - 1]!))?.position).toBe(position)
  }
  expect(await search.byOwnId('inv-1')).toBeUndefined()
})

test('an id that no event has is looked for in a bounded part of the log', async () => {
  const { log, search, ids, clock } = await filledLog(30_000)
  let read = 0
  const { read: original } = log
  log.read = async (request) => {
    const slice = await original.call(log, request)
    read += slice.events.length
    return slice
  }
  const middle = clock.now() - 20_000
  expect(await search.byOwnId(idAt(middle))).toBeUndefined()
  expect(read).toBeLessThan(25_000)
  read = 0
  await search.byOwnId(ids[15_000]!)
  expect(read).toBeLessThan(1_001)
})

test('an event is found though the clock was set back between its id and its commit', async () => {
  const { clock, log, search, publish } = await filledLog(500)
  const ahead = idAt(clock.now() + 3_600_000)
  await log.append([newEvent({ id: ahead })])
  for (let index = 0; index < 500; index++) await publish()
  expect((await search.byOwnId(ahead))?.position).toBe(501)
})

test('an event is found that was committed while the log remembered a later time than the clock shows', async () => {
  const { clock, log, search } = await filledLog(10)
  const behind = clock.now()
  await clock.advance(3_600_000)
  await log.append([newEvent({ id: idAt(clock.now()) })])
  // The log's times never fall: set back by an hour, it goes on with the latest that it saw.
  const ids = Array.from({ length: 2_000 }, (_, index) => idAt(behind + 1_000 + index))
  for (const id of ids) await log.append([newEvent({ id })])
  expect((await search.byOwnId(ids[1_700]!))?.position).toBe(11 + 1_701)
})

test('the newest events are looked through for any id', async () => {
  const { log, search } = await filledLog(100)
  await log.append([newEvent({ id: 'an "odd" one', tail: `"id":${JSON.stringify('an "odd" one')},"version":1` })])
  expect((await search.amongNewest('an "odd" one'))?.position).toBe(101)
  expect(await search.amongNewest('nobody')).toBeUndefined()
})
