import { describe, expect, test } from 'vitest'
import type { NewEvent, StoredEvent } from '../../core/event/event.ts'
import type { AppendedEvent } from '../../log/event-log.ts'
import { newEvent, newEvents } from './events.ts'
import { append, positionsOf, readAll } from './log-calls.ts'
import type { LogEngine } from './log-engine.ts'
import { describePublishedIds } from './log-published-ids.ts'
import { describeReopening } from './log-reopening.ts'
import { openedLog } from './opened-log.ts'

/** What every engine of the event log has to do. Partition 0 is the one that these events go to. */
export function describeEventLog(name: string, engine: LogEngine): void {
  describe(`event log: ${name}`, () => {
    const given = openedLog(engine)

    describe('a new log', () => {
      test('is empty and has an epoch of 16 bits', async () => {
        expect(given.log.bounds(0)).toEqual({ earliest: 0, latest: 0 })
        expect(given.log.epoch).toBeGreaterThanOrEqual(0)
        expect(given.log.epoch).toBeLessThan(0x1_0000)
        expect(await readAll(given.log)).toEqual([])
        expect(await given.log.positionBefore(0, given.clock.now())).toBe(0)
        expect(await given.log.dropBefore(given.clock.now())).toBe(0)
      })
    })

    describe('append', () => {
      test('gives the events back as they were, in their order', async () => {
        const events = [
          newEvent({ topic: 'invoices', entityKey: '1', tail: '"id":"a","data":{"total":12345678901234567.89}' }),
          newEvent({ topic: 'customers', entityKey: '[{"a":"1"}]', tenantId: 2 ** 53 - 1, isQuiet: true }),
          newEvent({ tenantId: 2n ** 53n }),
          newEvent({ tenantId: 2n ** 63n - 1n }),
          newEvent({ topic: 'invoices', type: 'invoice.created', entityKey: 'Å𝄞', tail: '"id":"å","actor":"𝄞ö"' }),
          newEvent({ topic: 'invoices', entityKey: '', head: '"type":"x"', tail: '' }),
        ]
        const places = await append(given.log, events)
        expect(places.map((place) => place.isDuplicate)).toEqual(events.map(() => false))
        expect(await readAll(given.log)).toEqual(
          events.map((event, index) => ({
            ...storedPart(event),
            ...placeOf(places[index]!),
            appendedAtMs: given.clock.now(),
          })),
        )
      })

      test('of nothing is answered with nothing', async () => {
        expect(await given.log.append([])).toEqual({ kind: 'appended', events: [] })
        expect(given.log.bounds(0)).toEqual({ earliest: 0, latest: 0 })
      })

      test('gives growing positions, and moves the end with them', async () => {
        const first = await positionsOf(given.log, newEvents(3))
        const second = await positionsOf(given.log, newEvents(2))
        expect([...first, ...second]).toEqual([...first, ...second].toSorted((a, b) => a - b))
        expect(new Set([...first, ...second]).size).toBe(5)
        expect(given.log.bounds(0)).toEqual({ earliest: 0, latest: second.at(-1) })
      })

      test('calls made at once are stored in call order', async () => {
        const calls = Array.from({ length: 200 }, (_, call) =>
          append(
            given.log,
            newEvents(3, () => ({ tenantId: call + 1 })),
          ),
        )
        const positions = (await Promise.all(calls)).flat().map((event) => event.position)
        expect(positions).toEqual(positions.toSorted((a, b) => a - b))
        const stored = await readAll(given.log)
        expect(stored.map((event) => event.position)).toEqual(positions)
        expect(stored.map((event) => event.tenantId)).toEqual(positions.map((_, index) => Math.floor(index / 3) + 1))
      })

      test('of large events keeps them to the last byte', async () => {
        const large = '"data":{"text":"'.concat('ö'.repeat(120_000), '"}')
        await append(
          given.log,
          newEvents(9, (index) => ({ topic: index % 2 ? 'invoices' : 'customers', tail: large })),
        )
        const stored = await readAll(given.log)
        expect(stored.map((event) => event.entityKey)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8'])
        expect(stored.every((event) => event.tail === large)).toBe(true)
      })

      test('never lets the time of appending fall', async () => {
        await append(given.log, newEvents(1))
        const before = given.clock.now()
        await given.clock.advance(-60_000)
        await append(given.log, newEvents(1))
        expect((await readAll(given.log)).map((event) => event.appendedAtMs)).toEqual([before, before])
      })
    })

    describe('read', () => {
      const topicOf = (index: number) => ['invoices', 'customers', 'suppliers'][index % 3]!

      test('goes on where the last slice ended', async () => {
        await append(
          given.log,
          newEvents(25, (index) => ({ topic: topicOf(index) })),
        )
        const seen: StoredEvent[] = []
        let after = 0
        for (let slices = 1; ; slices++) {
          const slice = await given.log.read({ partition: 0, after, maxBytes: 1e6, maxEvents: 4 })
          expect(slice.events.length).toBeLessThanOrEqual(4)
          expect(slice.next).toBeGreaterThanOrEqual(after)
          seen.push(...slice.events)
          if (slice.events.length === 0 || slices > 50) break
          after = slice.next
        }
        expect(after).toBe(given.log.bounds(0).latest)
        expect(seen).toEqual(await readAll(given.log))
      })

      test('ends a slice with the event that reaches the bytes, never before one', async () => {
        const event = newEvent({ head: 'h'.repeat(60), tail: 't'.repeat(40) })
        await append(
          given.log,
          Array.from({ length: 10 }, () => event),
        )
        const sizes = async (maxBytes: number) =>
          (await given.log.read({ partition: 0, after: 0, maxBytes, maxEvents: 100 })).events.length
        expect(await sizes(1)).toBe(1)
        expect(await sizes(100)).toBe(1)
        expect(await sizes(101)).toBe(2)
        expect(await sizes(1_000)).toBe(10)
      })

      test('of some topics gives only these, and considers everything', async () => {
        await append(
          given.log,
          newEvents(30, (index) => ({ topic: topicOf(index) })),
        )
        await append(
          given.log,
          newEvents(5, () => ({ topic: 'orders' })),
        )
        const all = await readAll(given.log)
        for (const topics of [['invoices'], ['customers', 'suppliers'], ['orders', 'unknown'], ['unknown'], []]) {
          const wanted = new Set(topics)
          expect(await readAll(given.log, { topics: wanted })).toEqual(all.filter((event) => wanted.has(event.topic)))
        }
        const end = await given.log.read({
          partition: 0,
          after: 0,
          topics: new Set(['unknown']),
          maxBytes: 1,
          maxEvents: 1,
        })
        expect(end).toEqual({ events: [], next: given.log.bounds(0).latest })
      })

      test('from the middle gives what comes after it', async () => {
        const positions = await positionsOf(
          given.log,
          newEvents(12, (index) => ({ topic: topicOf(index) })),
        )
        const all = await readAll(given.log)
        // From between two events too, where the engine leaves positions out.
        for (let after = 0; after <= positions.at(-1)!; after++) {
          const topics = new Set(['invoices', 'suppliers'])
          const later = all.filter((event) => event.position > after)
          expect(await readAll(given.log, { after })).toEqual(later)
          expect(await readAll(given.log, { after, topics })).toEqual(later.filter((event) => topics.has(event.topic)))
        }
      })

      test('at the end gives nothing and stays there', async () => {
        await append(given.log, newEvents(3))
        const { latest } = given.log.bounds(0)
        const slice = await given.log.read({ partition: 0, after: latest, maxBytes: 1e6, maxEvents: 10 })
        expect(slice).toEqual({ events: [], next: latest })
      })
    })

    describe('readAt', () => {
      test('gives the events at positions, each once, ascending', async () => {
        const topicOf = (index: number) => ['invoices', 'customers', 'suppliers'][index % 3]!
        for (let call = 0; call < 20; call++) {
          await append(
            given.log,
            newEvents(1 + (call % 7), (index) => ({ topic: topicOf(index) })),
          )
        }
        const all = await readAll(given.log)
        const at = (positions: readonly number[]) => given.log.readAt(0, positions)
        const everywhere = Array.from({ length: given.log.bounds(0).latest + 3 }, (_, position) => position)
        expect(await at(everywhere)).toEqual(all)
        expect(await at([])).toEqual([])
        const some = all.filter((_, index) => index % 5 === 2)
        const positions = some.map(({ position }) => position)
        expect(await at([...positions.toReversed(), ...positions, -1, 2 ** 53 - 1])).toEqual(some)
        for (const event of all) expect(await at([event.position])).toEqual([event])
      })

      test('gives large events from all over the log, and none that retention dropped', async () => {
        const large = (index: number) => ({ tail: `"data":"${String(index).repeat(100_000)}"` })
        for (let call = 0; call < 8; call++) {
          await append(given.log, [...newEvents(40), ...newEvents(1, () => large(call)), ...newEvents(40)])
          await given.clock.advance(1_000)
        }
        const largest = (await readAll(given.log)).filter(({ tail }) => tail.length > 50_000)
        const positions = largest.map(({ position }) => position)
        expect(await given.log.readAt(0, positions)).toEqual(largest)
        await given.log.dropBefore(given.clock.now() - 3_500)
        expect(await given.log.readAt(0, positions)).toEqual(largest.slice(5))
      })
    })

    describe('refresh', () => {
      test('shows everything that was acknowledged before', async () => {
        const positions = await positionsOf(given.log, newEvents(3))
        await given.log.refresh()
        expect(given.log.bounds(0).latest).toBe(positions.at(-1))
        expect((await readAll(given.log)).map(({ position }) => position)).toEqual(positions)
      })
    })

    describe('retention', () => {
      test('drops what is older, and reading moves to the earliest', async () => {
        const old = await positionsOf(given.log, newEvents(10))
        await given.clock.advance(1_000)
        const kept = await positionsOf(given.log, newEvents(5))
        expect(await given.log.dropBefore(given.clock.now())).toBe(10)
        expect(given.log.bounds(0)).toEqual({ earliest: old.at(-1), latest: kept.at(-1) })
        expect((await readAll(given.log)).map((event) => event.position)).toEqual(kept)
        expect(await given.log.dropBefore(given.clock.now())).toBe(0)
      })

      test('of everything leaves an empty log that goes on growing', async () => {
        const old = await positionsOf(given.log, newEvents(10))
        await given.clock.advance(1)
        expect(await given.log.dropBefore(given.clock.now())).toBe(10)
        expect(given.log.bounds(0)).toEqual({ earliest: old.at(-1), latest: old.at(-1) })
        expect(await given.log.read({ partition: 0, after: 0, maxBytes: 1, maxEvents: 1 })).toEqual({
          events: [],
          next: old.at(-1),
        })
        const [next] = await positionsOf(given.log, [newEvent()])
        expect(next).toBeGreaterThan(old.at(-1)!)
        expect((await readAll(given.log)).map((event) => event.position)).toEqual([next])
      })

      test('in many small steps counts every event once', async () => {
        for (let i = 0; i < 150; i++)
          await append(
            given.log,
            newEvents(3, (index) => ({ topic: `topic-${index}` })),
          )
        await given.clock.advance(1)
        await append(given.log, newEvents(2))
        const drops = await Promise.all([
          given.log.dropBefore(given.clock.now()),
          given.log.dropBefore(given.clock.now()),
        ])
        expect(drops[0]! + drops[1]!).toBe(450)
        expect(await readAll(given.log)).toHaveLength(2)
      })
    })

    describe('positionBefore', () => {
      test('finds the place from which to read what came at a time or later', async () => {
        const times: number[] = []
        for (let i = 0; i < 40; i++) {
          await append(
            given.log,
            newEvents(1 + (i % 4), (index) => ({ topic: `topic-${index}` })),
          )
          times.push(given.clock.now())
          await given.clock.advance(i % 3 === 0 ? 0 : 500)
        }
        const all = await readAll(given.log)
        for (const time of [times[0]! - 1, ...times, ...times.map((time) => time + 1), given.clock.now()]) {
          const after = await given.log.positionBefore(0, time)
          expect(await readAll(given.log, { after })).toEqual(all.filter((event) => event.appendedAtMs >= time))
        }
        await given.log.dropBefore(times[20]!)
        const { earliest } = given.log.bounds(0)
        expect(await given.log.positionBefore(0, times[3]!)).toBe(earliest)
      })
    })

    describe('wake-ups', () => {
      test('come once events are readable, until taken back', async () => {
        const { promise: seen, resolve: see } = Promise.withResolvers<number>()
        let woken = 0
        const stop = given.log.onAppended(() => {
          woken++
          see(given.log.bounds(0).latest)
        })
        const [first] = await positionsOf(given.log, [newEvent()])
        expect(await seen).toBe(first)
        stop()
        woken = 0
        const { promise: seenByOther, resolve: seeAsOther } = Promise.withResolvers<void>()
        given.log.onAppended(seeAsOther)
        await append(given.log, [newEvent()])
        await seenByOther
        expect(woken).toBe(0)
      })
    })

    describe('close', () => {
      test('waits for appends under way and refuses later calls', async () => {
        const underWay = Array.from({ length: 20 }, () => append(given.log, newEvents(2)))
        const closed = given.log.close()
        await expect(given.log.append([newEvent()])).rejects.toMatchObject({ code: 'shutting_down' })
        await closed
        expect((await Promise.all(underWay)).flat()).toHaveLength(40)
        for (const call of [
          () => given.log.append([newEvent()]),
          () => given.log.read({ partition: 0, after: 0, maxBytes: 1, maxEvents: 1 }),
          () => given.log.readAt(0, [1]),
          () => given.log.refresh(),
          () => given.log.positionBefore(0, 0),
          () => given.log.dropBefore(0),
        ]) {
          await expect(call()).rejects.toMatchObject({ code: 'shutting_down' })
        }
        await given.log.close()
      })
    })
  })
  describe(`event log: ${name}`, () => {
    describePublishedIds(engine)
    if (engine.reopen) describeReopening(engine as Required<LogEngine>)
  })
}

function storedPart({ id: _id, fingerprint: _fingerprint, ...stored }: NewEvent) {
  return stored
}

function placeOf({ partition, position }: AppendedEvent) {
  return { partition, position }
}
