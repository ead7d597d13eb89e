import { describe, expect, test } from 'vitest'
import type { NewEvent } from '../../core/event/event.ts'
import { fingerprints, newEvent, newEvents } from './events.ts'
import { append, positionsOf, readAll } from './log-calls.ts'
import type { LogEngine } from './log-engine.ts'
import { openedLog } from './opened-log.ts'

/** The part of the log's suite about events that are published again. */
export function describePublishedIds(engine: LogEngine): void {
  describe("a publisher's own id", () => {
    const [fingerprint, otherFingerprint] = fingerprints
    const given = openedLog(engine)

    const own = (given: Partial<NewEvent> = {}) => newEvent({ id: 'inv-1', fingerprint, ...given })

    test('again with the same event is answered with the first place', async () => {
      const [first] = await append(given.log, [own()])
      expect(await append(given.log, [own()])).toEqual([{ ...first, isDuplicate: true }])
      const [before, repeat, after] = await append(given.log, [newEvent(), own(), newEvent()])
      expect(repeat).toEqual({ ...first, isDuplicate: true })
      expect(after!.position).toBeGreaterThan(before!.position)
      expect(await readAll(given.log)).toHaveLength(3)
    })

    test('with another event refuses the whole append', async () => {
      await append(given.log, [own(), own({ id: 'inv-2' })])
      const reused = own({ fingerprint: otherFingerprint })
      const result = await given.log.append([own({ id: 'inv-3' }), reused, newEvent(), { ...reused, id: 'inv-2' }])
      expect(result).toEqual({ kind: 'id-reused', indexes: [1, 3] })
      expect(await readAll(given.log)).toHaveLength(2)
      // Nothing of the refused append is remembered either.
      expect(await append(given.log, [own({ id: 'inv-3', fingerprint: otherFingerprint })])).toMatchObject([
        { isDuplicate: false },
      ])
    })

    test('twice in one append goes by the same rules', async () => {
      const [first, second] = await append(given.log, [own(), own()])
      expect(second).toEqual({ ...first, isDuplicate: true })
      const other = own({ id: 'inv-2' })
      expect(await given.log.append([other, { ...other, fingerprint: otherFingerprint }])).toEqual({
        kind: 'id-reused',
        indexes: [1],
      })
      expect(await readAll(given.log)).toHaveLength(1)
    })

    test('belongs to its tenant', async () => {
      await append(given.log, [own({ tenantId: 1 })])
      const [other] = await append(given.log, [own({ tenantId: 2, fingerprint: otherFingerprint })])
      expect(other!.isDuplicate).toBe(false)
      // The tenant's number and the id do not run together.
      const [digits] = await append(given.log, [own({ tenantId: 1, id: '1inv-1' })])
      expect(digits!.isDuplicate).toBe(false)
      expect((await append(given.log, [own({ tenantId: 11, id: 'inv-1' })]))[0]!.isDuplicate).toBe(false)
    })

    test('belongs to its tenant to the last digit', async () => {
      const tenants = [116015326147118082n, 116015326147118083n]
      const published = (tenantId: bigint) => own({ tenantId })
      const [first, second] = await append(given.log, tenants.map(published))
      expect([first!.isDuplicate, second!.isDuplicate]).toEqual([false, false])
      const [again] = await append(given.log, [published(tenants[1]!)])
      expect(again).toMatchObject({ position: second!.position, isDuplicate: true })
      expect((await readAll(given.log)).map(({ tenantId }) => tenantId)).toEqual(tenants)
    })

    test('is not compared with ids made by the server', async () => {
      await append(given.log, [newEvent({ id: 'same' })])
      expect(await append(given.log, [newEvent({ id: 'same' }), own({ id: 'same' })])).toMatchObject([
        { isDuplicate: false },
        { isDuplicate: false },
      ])
    })

    test('fifty times at once is one event', async () => {
      const places = await Promise.all(Array.from({ length: 50 }, () => append(given.log, [own()])))
      expect(places.flat().filter((place) => !place.isDuplicate)).toHaveLength(1)
      expect(new Set(places.flat().map((place) => place.position)).size).toBe(1)
      expect(await readAll(given.log)).toHaveLength(1)
    })

    test('in two events at once is refused for all but the first', async () => {
      const calls = Array.from({ length: 10 }, (_, call) =>
        given.log.append([own({ fingerprint: call === 0 ? fingerprint : otherFingerprint })]),
      )
      const kinds = (await Promise.all(calls)).map((result) => result.kind)
      expect(kinds).toEqual(['appended', ...Array(9).fill('id-reused')])
    })

    test('is forgotten with its event', async () => {
      await append(given.log, [own()])
      await given.clock.advance(1_000)
      await append(given.log, [own({ id: 'inv-2' })])
      await given.log.dropBefore(given.clock.now())
      expect(await append(given.log, [own({ fingerprint: otherFingerprint })])).toMatchObject([{ isDuplicate: false }])
      expect(await append(given.log, [own({ id: 'inv-2' })])).toMatchObject([{ isDuplicate: true }])
      expect((await given.log.append([own()])).kind).toBe('id-reused')
    })

    test('tells where its event stands, of each tenant that is asked about', async () => {
      const [first] = await append(given.log, [own({ tenantId: 1 })])
      const [second] = await append(given.log, [own({ tenantId: 2, fingerprint: otherFingerprint }), newEvent()])
      const placed = ({ partition, position }: { partition: number; position: number }) => ({ partition, position })
      expect(await given.log.placesOf('inv-1', [1])).toEqual([placed(first!)])
      expect(await given.log.placesOf('inv-1', [2, 3, 1])).toEqual([placed(second!), placed(first!)])
      expect(await given.log.placesOf('inv-1', [])).toEqual([])
      expect(await given.log.placesOf('inv-2', [1, 2])).toEqual([])
      // Ids that the server made have no such place: they carry their time.
      expect(await given.log.placesOf('evt-1', [29302])).toEqual([])
    })

    test('tells it to the last digit of the tenant, and among thousands of tenants', async () => {
      const tenantIds = [116015326147118082n, 116015326147118083n]
      const places = await append(
        given.log,
        tenantIds.map((tenantId) => own({ tenantId })),
      )
      expect(await given.log.placesOf('inv-1', [tenantIds[1]!])).toMatchObject([{ position: places[1]!.position }])
      const many = Array.from({ length: 2_500 }, (_, index) => index + 1)
      const asked = [1, 2, 3].map(() => given.log.placesOf('inv-1', [...many, ...tenantIds]))
      for (const found of await Promise.all(asked)) {
        expect(found.map(({ position }) => position)).toEqual(places.map(({ position }) => position))
      }
    })

    test('tells no place of an event that was dropped', async () => {
      await append(given.log, [own()])
      await given.clock.advance(1_000)
      const [kept] = await append(given.log, [own({ id: 'inv-2' })])
      await given.log.dropBefore(given.clock.now())
      expect(await given.log.placesOf('inv-1', [29302])).toEqual([])
      expect(await given.log.placesOf('inv-2', [29302])).toMatchObject([{ position: kept!.position }])
    })

    test('is found among many', async () => {
      const many = (from: number) => newEvents(500, (index) => own({ id: `inv-${from + index}`, tenantId: 7 }))
      const first = await positionsOf(given.log, many(0))
      for (let from = 500; from < 5_000; from += 500) await append(given.log, many(from))
      const again = await append(given.log, many(0))
      expect(again.every((place) => place.isDuplicate)).toBe(true)
      expect(again.map((place) => place.position)).toEqual(first)
      expect(await given.log.placesOf('inv-77', [7])).toMatchObject([{ position: first[77]! }])
      expect(await append(given.log, many(5_000))).toMatchObject(Array(500).fill({ isDuplicate: false }))
    })
  })
}
