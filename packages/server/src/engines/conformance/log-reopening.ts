import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../core/clock.ts'
import type { EventLog } from '../../log/event-log.ts'
import { fingerprints, newEvent, newEvents } from './events.ts'
import { readAll } from './log-calls.ts'
import type { LogEngine } from './log-engine.ts'

/** The part of the log's suite about what is there when it is opened again. */
export function describeReopening(engine: Required<LogEngine>): void {
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
