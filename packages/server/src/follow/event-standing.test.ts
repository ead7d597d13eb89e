import { expect, test } from 'vitest'
import type { StoredEvent } from '../core/event/event.ts'
import { laneWith } from '../deliver/fixtures/lane.ts'
import { eventStandingOf } from './event-standing.ts'

const nowMs = 1_000_000
const event: StoredEvent = {
  ...{ partition: 0, position: 7, topic: 'invoices', tenantId: 1, type: 'invoice.updated', entityKey: '1' },
  ...{ isQuiet: false, appendedAtMs: 0, head: '', tail: '"id":"inv-1"' },
}

test('tells what is queued or under way by its place', () => {
  const lane = laneWith({})
  expect(eventStandingOf(lane, undefined, 7, nowMs).isPending).toBe(false)
  const delivery = { event, sequence: 1, attempts: 0, firstAttemptAtMs: null, tracked: null, mayHaveRow: false }
  lane.open.add({ ...delivery, origin: 'loop', offeredAtMs: nowMs })
  expect(eventStandingOf(lane, undefined, 7, nowMs).isPending).toBe(true)
  expect(eventStandingOf(lane, undefined, 8, nowMs).isPending).toBe(false)
  expect(eventStandingOf(undefined, undefined, 7, nowMs)).toMatchObject({ isPending: false, pausedUntilMs: null })
})

test('tells until when nothing is sent, and whether the endpoint asked for that', () => {
  const open = { state: 'open', untilMs: nowMs + 500, pauseMs: 1_000 } as const
  const failing = laneWith({ breaker: open })
  expect(eventStandingOf(failing, undefined, 7, nowMs)).toMatchObject({
    pausedUntilMs: nowMs + 500,
    isPauseAskedFor: false,
  })
  failing.heldUntilMs = nowMs + 900
  expect(eventStandingOf(failing, undefined, 7, nowMs)).toMatchObject({
    pausedUntilMs: nowMs + 900,
    isPauseAskedFor: true,
  })
  expect(eventStandingOf(failing, undefined, 7, nowMs + 900)).toMatchObject({
    pausedUntilMs: null,
    isPauseAskedFor: false,
  })
})
