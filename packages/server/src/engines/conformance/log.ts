import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../core/clock.ts'
import type { NewEvent, StoredEvent } from '../../core/event.ts'
import type { AppendedEvent, EventLog, ReadRequest } from '../../log/event-log.ts'
import { fingerprints, newEvent, newEvents } from './events.ts'

export interface LogEngine {
  /** A new, empty log. */
  open(options: { readonly clock: ManualClock }): Promise<EventLog>
  /** Closes a log and opens what it stored; absent when the engine stores nothing. */
  reopen?(log: EventLog, options: { readonly clock: ManualClock }): Promise<EventLog>
}

/** What every engine of the event log has to do. Partition 0 is the one that these events go to. */
export function describeEventLog(name: string, engine: LogEngine): void {
  describe(`event log: ${name}`, () => {
    const [fingerprint, otherFingerprint] = fingerprints
    let clock: ManualClock
    let log: EventLog

    beforeEach(async () => {
      clock = new ManualClock()
      log = await engine.open({ clock })
    })
    afterEach(async () => {
      await log.close()
    })

    async function append(events: readonly NewEvent[]): Promise<readonly AppendedEvent[]> {
      const result = await log.append(events)
      if (result.kind !== 'appended') throw new Error(`refused: ${result.kind}`)
      return result.events
    }

    async function positionsOf(events: readonly NewEvent[]): Promise<number[]> {
      return (await append(events)).map((event) => event.position)
    }

    describe('a new log', () => {
      test('is empty, has one partition and an epoch of 16 bits', async () => {
        expect(log.bounds(0)).toEqual({ earliest: 0, latest: 0 })
        expect(log.partitions).toEqual([0])
        expect(log.epoch).toBeGreaterThanOrEqual(0)
        expect(log.epoch).toBeLessThan(0x1_0000)
        expect(await readAll(log)).toEqual([])
        expect(await log.positionBefore(0, clock.now())).toBe(0)
        expect(await log.dropBefore(clock.now())).toBe(0)
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
        const places = await append(events)
        expect(places.map((place) => place.isDuplicate)).toEqual(events.map(() => false))
        expect(await readAll(log)).toEqual(
          events.map((event, index) => ({
            ...storedPart(event),
            ...placeOf(places[index]!),
            appendedAtMs: clock.now(),
          })),
        )
      })

      test('of nothing is answered with nothing', async () => {
        expect(await log.append([])).toEqual({ kind: 'appended', events: [] })
        expect(log.bounds(0)).toEqual({ earliest: 0, latest: 0 })
      })

      test('gives growing positions, and moves the end with them', async () => {
        const first = await positionsOf(newEvents(3))
        const second = await positionsOf(newEvents(2))
        expect([...first, ...second]).toEqual([...first, ...second].toSorted((a, b) => a - b))
        expect(new Set([...first, ...second]).size).toBe(5)
        expect(log.bounds(0)).toEqual({ earliest: 0, latest: second.at(-1) })
      })

      test('calls made at once are stored in call order', async () => {
        const calls = Array.from({ length: 200 }, (_, call) => append(newEvents(3, () => ({ tenantId: call + 1 }))))
        const positions = (await Promise.all(calls)).flat().map((event) => event.position)
        expect(positions).toEqual(positions.toSorted((a, b) => a - b))
        const stored = await readAll(log)
        expect(stored.map((event) => event.position)).toEqual(positions)
        expect(stored.map((event) => event.tenantId)).toEqual(positions.map((_, index) => Math.floor(index / 3) + 1))
      })

      test('of large events keeps them to the last byte', async () => {
        const large = '"data":{"text":"'.concat('ö'.repeat(120_000), '"}')
        await append(newEvents(9, (index) => ({ topic: index % 2 ? 'invoices' : 'customers', tail: large })))
        const stored = await readAll(log)
        expect(stored.map((event) => event.entityKey)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8'])
        expect(stored.every((event) => event.tail === large)).toBe(true)
      })

      test('never lets the time of appending fall', async () => {
        await append(newEvents(1))
        const before = clock.now()
        await clock.advance(-60_000)
        await append(newEvents(1))
        expect((await readAll(log)).map((event) => event.appendedAtMs)).toEqual([before, before])
      })
    })

    describe("a publisher's own id", () => {
      const own = (given: Partial<NewEvent> = {}) => newEvent({ id: 'inv-1', fingerprint, ...given })

      test('again with the same event is answered with the first place', async () => {
        const [first] = await append([own()])
        expect(await append([own()])).toEqual([{ ...first, isDuplicate: true }])
        const [before, repeat, after] = await append([newEvent(), own(), newEvent()])
        expect(repeat).toEqual({ ...first, isDuplicate: true })
        expect(after!.position).toBeGreaterThan(before!.position)
        expect(await readAll(log)).toHaveLength(3)
      })

      test('with another event refuses the whole append', async () => {
        await append([own(), own({ id: 'inv-2' })])
        const reused = own({ fingerprint: otherFingerprint })
        const result = await log.append([own({ id: 'inv-3' }), reused, newEvent(), { ...reused, id: 'inv-2' }])
        expect(result).toEqual({ kind: 'id-reused', indexes: [1, 3] })
        expect(await readAll(log)).toHaveLength(2)
        // Nothing of the refused append is remembered either.
        expect(await append([own({ id: 'inv-3', fingerprint: otherFingerprint })])).toMatchObject([
          { isDuplicate: false },
        ])
      })

      test('twice in one append goes by the same rules', async () => {
        const [first, second] = await append([own(), own()])
        expect(second).toEqual({ ...first, isDuplicate: true })
        const other = own({ id: 'inv-2' })
        expect(await log.append([other, { ...other, fingerprint: otherFingerprint }])).toEqual({
          kind: 'id-reused',
          indexes: [1],
        })
        expect(await readAll(log)).toHaveLength(1)
      })

      test('belongs to its tenant', async () => {
        await append([own({ tenantId: 1 })])
        const [other] = await append([own({ tenantId: 2, fingerprint: otherFingerprint })])
        expect(other!.isDuplicate).toBe(false)
        // The tenant's number and the id do not run together.
        const [digits] = await append([own({ tenantId: 1, id: '1inv-1' })])
        expect(digits!.isDuplicate).toBe(false)
        expect((await append([own({ tenantId: 11, id: 'inv-1' })]))[0]!.isDuplicate).toBe(false)
      })

      test('belongs to its tenant to the last digit', async () => {
        const tenants = [116015326147118082n, 116015326147118083n]
        const published = (tenantId: bigint) => own({ tenantId })
        const [first, second] = await append(tenants.map(published))
        expect([first!.isDuplicate, second!.isDuplicate]).toEqual([false, false])
        const [again] = await append([published(tenants[1]!)])
        expect(again).toMatchObject({ position: second!.position, isDuplicate: true })
        expect((await readAll(log)).map(({ tenantId }) => tenantId)).toEqual(tenants)
      })

      test('is not compared with ids made by the server', async () => {
        await append([newEvent({ id: 'same' })])
        expect(await append([newEvent({ id: 'same' }), own({ id: 'same' })])).toMatchObject([
          { isDuplicate: false },
          { isDuplicate: false },
        ])
      })

      test('fifty times at once is one event', async () => {
        const places = await Promise.all(Array.from({ length: 50 }, () => append([own()])))
        expect(places.flat().filter((place) => !place.isDuplicate)).toHaveLength(1)
        expect(new Set(places.flat().map((place) => place.position)).size).toBe(1)
        expect(await readAll(log)).toHaveLength(1)
      })

      test('in two events at once is refused for all but the first', async () => {
        const calls = Array.from({ length: 10 }, (_, call) =>
          log.append([own({ fingerprint: call === 0 ? fingerprint : otherFingerprint })]),
        )
        const kinds = (await Promise.all(calls)).map((result) => result.kind)
        expect(kinds).toEqual(['appended', ...Array(9).fill('id-reused')])
      })

      test('is forgotten with its event', async () => {
        await append([own()])
        await clock.advance(1_000)
        await append([own({ id: 'inv-2' })])
        await log.dropBefore(clock.now())
        expect(await append([own({ fingerprint: otherFingerprint })])).toMatchObject([{ isDuplicate: false }])
        expect(await append([own({ id: 'inv-2' })])).toMatchObject([{ isDuplicate: true }])
        expect((await log.append([own()])).kind).toBe('id-reused')
      })

      test('is found among many', async () => {
        const many = (from: number) => newEvents(500, (index) => own({ id: `inv-${from + index}`, tenantId: 7 }))
        const first = await positionsOf(many(0))
        for (let from = 500; from < 5_000; from += 500) await append(many(from))
        const again = await append(many(0))
        expect(again.every((place) => place.isDuplicate)).toBe(true)
        expect(again.map((place) => place.position)).toEqual(first)
        expect(await append(many(5_000))).toMatchObject(Array(500).fill({ isDuplicate: false }))
      })
    })

    describe('read', () => {
      const topicOf = (index: number) => ['invoices', 'customers', 'suppliers'][index % 3]!

      test('goes on where the last slice ended', async () => {
        await append(newEvents(25, (index) => ({ topic: topicOf(index) })))
        const seen: StoredEvent[] = []
        let after = 0
        for (let slices = 1; ; slices++) {
          const slice = await log.read({ partition: 0, after, maxBytes: 1e6, maxEvents: 4 })
          expect(slice.events.length).toBeLessThanOrEqual(4)
          expect(slice.next).toBeGreaterThanOrEqual(after)
          seen.push(...slice.events)
          if (slice.events.length === 0 || slices > 50) break
          after = slice.next
        }
        expect(after).toBe(log.bounds(0).latest)
        expect(seen).toEqual(await readAll(log))
      })

      test('ends a slice with the event that reaches the bytes, never before one', async () => {
        const event = newEvent({ head: 'h'.repeat(60), tail: 't'.repeat(40) })
        await append(Array.from({ length: 10 }, () => event))
        const sizes = async (maxBytes: number) =>
          (await log.read({ partition: 0, after: 0, maxBytes, maxEvents: 100 })).events.length
        expect(await sizes(1)).toBe(1)
        expect(await sizes(100)).toBe(1)
        expect(await sizes(101)).toBe(2)
        expect(await sizes(1_000)).toBe(10)
      })

      test('of some topics gives only these, and considers everything', async () => {
        await append(newEvents(30, (index) => ({ topic: topicOf(index) })))
        await append(newEvents(5, () => ({ topic: 'orders' })))
        const all = await readAll(log)
        for (const topics of [['invoices'], ['customers', 'suppliers'], ['orders', 'unknown'], ['unknown'], []]) {
          const wanted = new Set(topics)
          expect(await readAll(log, { topics: wanted })).toEqual(all.filter((event) => wanted.has(event.topic)))
        }
        const end = await log.read({ partition: 0, after: 0, topics: new Set(['unknown']), maxBytes: 1, maxEvents: 1 })
        expect(end).toEqual({ events: [], next: log.bounds(0).latest })
      })

      test('from the middle gives what comes after it', async () => {
        const positions = await positionsOf(newEvents(12, (index) => ({ topic: topicOf(index) })))
        for (const after of positions) {
          const topics = new Set(['invoices', 'suppliers'])
          const later = (await readAll(log)).filter((event) => event.position > after)
          expect(await readAll(log, { after })).toEqual(later)
          expect(await readAll(log, { after, topics })).toEqual(later.filter((event) => topics.has(event.topic)))
        }
      })

      test('at the end gives nothing and stays there', async () => {
        await append(newEvents(3))
        const { latest } = log.bounds(0)
        const slice = await log.read({ partition: 0, after: latest, maxBytes: 1e6, maxEvents: 10 })
        expect(slice).toEqual({ events: [], next: latest })
      })
    })

    describe('retention', () => {
      test('drops what is older, and reading moves to the earliest', async () => {
        const old = await positionsOf(newEvents(10))
        await clock.advance(1_000)
        const kept = await positionsOf(newEvents(5))
        expect(await log.dropBefore(clock.now())).toBe(10)
        expect(log.bounds(0)).toEqual({ earliest: old.at(-1), latest: kept.at(-1) })
        expect((await readAll(log)).map((event) => event.position)).toEqual(kept)
        expect(await log.dropBefore(clock.now())).toBe(0)
      })

      test('of everything leaves an empty log that goes on growing', async () => {
        const old = await positionsOf(newEvents(10))
        await clock.advance(1)
        expect(await log.dropBefore(clock.now())).toBe(10)
        expect(log.bounds(0)).toEqual({ earliest: old.at(-1), latest: old.at(-1) })
        expect(await log.read({ partition: 0, after: 0, maxBytes: 1, maxEvents: 1 })).toEqual({
          events: [],
          next: old.at(-1),
        })
        const [next] = await positionsOf([newEvent()])
        expect(next).toBeGreaterThan(old.at(-1)!)
        expect((await readAll(log)).map((event) => event.position)).toEqual([next])
      })

      test('in many small steps counts every event once', async () => {
        for (let i = 0; i < 150; i++) await append(newEvents(3, (index) => ({ topic: `topic-${index}` })))
        await clock.advance(1)
        await append(newEvents(2))
        const drops = await Promise.all([log.dropBefore(clock.now()), log.dropBefore(clock.now())])
        expect(drops[0]! + drops[1]!).toBe(450)
        expect(await readAll(log)).toHaveLength(2)
      })
    })

    describe('positionBefore', () => {
      test('finds the place from which to read what came at a time or later', async () => {
        const times: number[] = []
        for (let i = 0; i < 40; i++) {
          await append(newEvents(1 + (i % 4), (index) => ({ topic: `topic-${index}` })))
          times.push(clock.now())
          await clock.advance(i % 3 === 0 ? 0 : 500)
        }
        const all = await readAll(log)
        for (const time of [times[0]! - 1, ...times, ...times.map((time) => time + 1), clock.now()]) {
          const after = await log.positionBefore(0, time)
          expect(await readAll(log, { after })).toEqual(all.filter((event) => event.appendedAtMs >= time))
        }
        await log.dropBefore(times[20]!)
        const { earliest } = log.bounds(0)
        expect(await log.positionBefore(0, times[3]!)).toBe(earliest)
      })
    })

    describe('wake-ups', () => {
      test('come once events are readable, until taken back', async () => {
        let woken = 0
        let seen = 0
        const stop = log.onAppended(() => {
          woken++
          seen = log.bounds(0).latest
        })
        const [first] = await positionsOf([newEvent()])
        expect(woken).toBeGreaterThan(0)
        expect(seen).toBe(first)
        stop()
        woken = 0
        await append([newEvent()])
        expect(woken).toBe(0)
      })
    })

    describe('close', () => {
      test('waits for appends under way and refuses later calls', async () => {
        const underWay = Array.from({ length: 20 }, () => append(newEvents(2)))
        const closed = log.close()
        await expect(log.append([newEvent()])).rejects.toMatchObject({ code: 'shutting_down' })
        await closed
        expect((await Promise.all(underWay)).flat()).toHaveLength(40)
        for (const call of [
          () => log.append([newEvent()]),
          () => log.read({ partition: 0, after: 0, maxBytes: 1, maxEvents: 1 }),
          () => log.positionBefore(0, 0),
          () => log.dropBefore(0),
        ]) {
          await expect(call()).rejects.toMatchObject({ code: 'shutting_down' })
        }
        await log.close()
      })
    })

    if (engine.reopen) describeReopening(engine as Required<LogEngine>)
  })
}

function describeReopening(engine: Required<LogEngine>): void {
  describe('opened again', () => {
    const [fingerprint, otherFingerprint] = fingerprints
    let clock: ManualClock
    let log: EventLog

    beforeEach(async () => {
      clock = new ManualClock()
      log = await engine.open({ clock })
    })
    afterEach(async () => {
      await log.close()
    })

    async function reopen(): Promise<void> {
      log = await engine.reopen(log, { clock })
    }

    test('has the same events, bounds and epoch, and goes on', async () => {
      for (let i = 0; i < 20; i++) {
        await log.append(newEvents(4, (index) => ({ topic: `topic-${index % 2}`, tenantId: i + 1 })))
      }
      const before = { events: await readAll(log), bounds: log.bounds(0), epoch: log.epoch }
      await reopen()
      expect({ events: await readAll(log), bounds: log.bounds(0), epoch: log.epoch }).toEqual(before)
      await log.append([newEvent()])
      const events = await readAll(log)
      expect(events.slice(0, -1)).toEqual(before.events)
      expect(events.at(-1)!.position).toBeGreaterThan(before.bounds.latest)
      expect(await readAll(log, { topics: new Set(['topic-1']) })).toEqual(
        before.events.filter((event) => event.topic === 'topic-1'),
      )
    })

    test('knows ids and places', async () => {
      const own = (id: string) => newEvent({ id, fingerprint })
      const first = await log.append([own('a'), own('b')])
      await reopen()
      const again = await log.append([own('a'), own('b')])
      if (first.kind !== 'appended' || again.kind !== 'appended') throw new Error('refused')
      expect(again.events).toEqual(first.events.map((event) => ({ ...event, isDuplicate: true })))
      expect(await log.append([{ ...own('b'), fingerprint: otherFingerprint }])).toEqual({
        kind: 'id-reused',
        indexes: [0],
      })
    })

    test('after everything was dropped uses no position twice', async () => {
      await log.append(newEvents(7))
      const { latest } = log.bounds(0)
      await clock.advance(1)
      await log.dropBefore(clock.now())
      await reopen()
      expect(log.bounds(0)).toEqual({ earliest: latest, latest })
      await log.append([newEvent()])
      expect((await readAll(log))[0]!.position).toBeGreaterThan(latest)
    })

    test('under a clock that was set back keeps the order of time', async () => {
      await log.append([newEvent()])
      const before = clock.now()
      await clock.advance(-5_000)
      await reopen()
      await log.append([newEvent()])
      expect((await readAll(log)).map((event) => event.appendedAtMs)).toEqual([before, before])
    })
  })
}

/** Everything after a position, by as many reads as it takes. */
export async function readAll(log: EventLog, request: Partial<ReadRequest> = {}): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  const limits = { partition: 0, maxBytes: 300_000, maxEvents: 70, ...request }
  for (let after = request.after ?? 0; ; ) {
    const slice = await log.read({ ...limits, after })
    events.push(...slice.events)
    if (slice.next >= log.bounds(limits.partition).latest) return events
    if (slice.next <= after) throw new Error(`a read after ${after} did not move on`)
    after = slice.next
  }
}

function storedPart({ id: _id, fingerprint: _fingerprint, ...stored }: NewEvent) {
  return stored
}

function placeOf({ partition, position }: AppendedEvent) {
  return { partition, position }
}
