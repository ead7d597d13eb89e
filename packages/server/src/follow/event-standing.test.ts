import { expect, test } from 'vitest'
import type { StoredEvent } from '../core/event/event.ts'
import { type LaneState, laneWith } from '../deliver/fixtures/lane.ts'
import { eventStandingOf } from './event-standing.ts'
import { Progress } from './progress.ts'
import { Reader } from './reader.ts'
import { Tracker } from './tracker.ts'

const nowMs = 1_000_000
const event: StoredEvent = {
  ...{ partition: 0, position: 7, topic: 'invoices', tenantId: 1, type: 'invoice.updated', entityKey: '1' },
  ...{ isQuiet: false, appendedAtMs: 0, head: '', tail: '"id":"inv-1"' },
}

const readerWith = (state: LaneState) =>
  new Reader(laneWith(state), new Progress({ mode: 'shared', position: 0, sequence: 0, catchUp: null, skipped: [] }))

test('tells what is queued or under way by its place', () => {
  const reader = readerWith({})
  expect(eventStandingOf(reader, undefined, 7, nowMs).isPending).toBe(false)
  const delivery = { event, sequence: 1, attempts: 0, firstAttemptAtMs: null, whenSettled: reader, mayHaveRow: false }
  const tracker = new Tracker(0)
  reader.track({ ...delivery, origin: 'loop', offeredAtMs: nowMs }, tracker, tracker.open(7, 1))
  expect(eventStandingOf(reader, undefined, 7, nowMs).isPending).toBe(true)
  expect(eventStandingOf(reader, undefined, 8, nowMs).isPending).toBe(false)
  expect(eventStandingOf(undefined, undefined, 7, nowMs)).toMatchObject({ isPending: false, pausedUntilMs: null })
})

test('tells until when nothing is sent, and whether the endpoint asked for that', () => {
  const open = { state: 'open', untilMs: nowMs + 500, pauseMs: 1_000 } as const
  const failing = readerWith({ breaker: open })
  expect(eventStandingOf(failing, undefined, 7, nowMs)).toMatchObject({
    pausedUntilMs: nowMs + 500,
    isPauseAskedFor: false,
  })
  failing.lane.heldUntilMs = nowMs + 900
  expect(eventStandingOf(failing, undefined, 7, nowMs)).toMatchObject({
    pausedUntilMs: nowMs + 900,
    isPauseAskedFor: true,
  })
  expect(eventStandingOf(failing, undefined, 7, nowMs + 900)).toMatchObject({
    pausedUntilMs: null,
    isPauseAskedFor: false,
  })
})
