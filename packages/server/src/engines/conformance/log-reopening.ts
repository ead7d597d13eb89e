import { describe, expect, test } from 'vitest'
import { fingerprints, newEvent, newEvents } from './events.ts'
import { readAll } from './log-calls.ts'
import type { LogEngine } from './log-engine.ts'
import { openedLog } from './opened-log.ts'

/** The part of the log's suite about what is there when it is opened again. */
export function describeReopening(engine: Required<LogEngine>): void {
  describe('opened again', () => {
    const [fingerprint, otherFingerprint] = fingerprints
    const given = openedLog(engine)

    async function reopen(): Promise<void> {
      given.log = await engine.reopen(given.log, { clock: given.clock })
    }

    test('has the same events, bounds and epoch, and goes on', async () => {
      for (let i = 0; i < 20; i++) {
        await given.log.append(newEvents(4, (index) => ({ topic: `topic-${index % 2}`, tenantId: i + 1 })))
      }
      const before = { events: await readAll(given.log), bounds: given.log.bounds(0), epoch: given.log.epoch }
      await reopen()
      expect({ events: await readAll(given.log), bounds: given.log.bounds(0), epoch: given.log.epoch }).toEqual(before)
      await given.log.append([newEvent()])
      const events = await readAll(given.log)
      expect(events.slice(0, -1)).toEqual(before.events)
      expect(events.at(-1)!.position).toBeGreaterThan(before.bounds.latest)
      expect(await readAll(given.log, { topics: new Set(['topic-1']) })).toEqual(
        before.events.filter((event) => event.topic === 'topic-1'),
      )
    })

    test('knows ids and places', async () => {
      const own = (id: string) => newEvent({ id, fingerprint })
      const first = await given.log.append([own('a'), own('b')])
      await reopen()
      const again = await given.log.append([own('a'), own('b')])
      if (first.kind !== 'appended' || again.kind !== 'appended') throw new Error('refused')
      expect(again.events).toEqual(first.events.map((event) => ({ ...event, isDuplicate: true })))
      expect(await given.log.append([{ ...own('b'), fingerprint: otherFingerprint }])).toEqual({
        kind: 'id-reused',
        indexes: [0],
      })
    })

    test('after everything was dropped uses no position twice', async () => {
      await given.log.append(newEvents(7))
      const { latest } = given.log.bounds(0)
      await given.clock.advance(1)
      await given.log.dropBefore(given.clock.now())
      await reopen()
      expect(given.log.bounds(0)).toEqual({ earliest: latest, latest })
      await given.log.append([newEvent()])
      expect((await readAll(given.log))[0]!.position).toBeGreaterThan(latest)
    })

    test('under a clock that was set back keeps the order of time', async () => {
      await given.log.append([newEvent()])
      const before = given.clock.now()
      await given.clock.advance(-5_000)
      await reopen()
      await given.log.append([newEvent()])
      expect((await readAll(given.log)).map((event) => event.appendedAtMs)).toEqual([before, before])
    })
  })
}
