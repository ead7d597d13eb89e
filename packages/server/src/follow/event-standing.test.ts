import { expect, test } from 'vitest'
import { defaultWebhookPolicy } from '../core/dialect/webhook-policy.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { Lane } from '../deliver/queue/lane.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { eventStandingOf } from './event-standing.ts'
import { Progress } from './progress.ts'
import { Reader } from './reader.ts'
import { Tracker } from './tracker.ts'

const nowMs = 1_000_000
const event: StoredEvent = {
  ...{ partition: 0, position: 7, topic: 'invoices', tenantId: 1, type: 'invoice.updated', entityKey: '1' },
  ...{ isQuiet: false, appendedAtMs: 0, head: '', tail: '"id":"inv-1"' },
}

function newReader(): Reader {
  const lane = new Lane(sampleSubscription('standard'), { ...defaultWebhookPolicy, retriesWhileDisabled: true })
  return new Reader(lane, new Progress({ mode: 'shared', position: 0, sequence: 0, catchUp: null, skipped: [] }))
}

test('tells what is queued or under way by its place', () => {
  const reader = newReader()
  expect(eventStandingOf(reader, undefined, null, 7).isPending).toBe(false)
  const delivery = {
    event,
    sequence: 1,
    attempts: 0,
    firstAttemptAtMs: null,
    whenSettled: reader,
    mayHaveRow: false,
    isLive: true,
  }
  const tracker = new Tracker(0)
  reader.open.add({ ...delivery, origin: 'loop', offeredAtMs: nowMs }, tracker, tracker.open(7, 1))
  expect(eventStandingOf(reader, undefined, null, 7).isPending).toBe(true)
  expect(eventStandingOf(reader, undefined, null, 8).isPending).toBe(false)
  expect(eventStandingOf(undefined, undefined, null, 7)).toMatchObject({ isPending: false, pausedUntilMs: null })
})

test('tells until when nothing is sent, and whether the endpoint asked for that', () => {
  const rest = { untilMs: nowMs + 500, isAskedFor: true }
  expect(eventStandingOf(newReader(), undefined, rest, 7)).toMatchObject({
    pausedUntilMs: nowMs + 500,
    isPauseAskedFor: true,
    retriesWhileDisabled: true,
  })
  expect(eventStandingOf(newReader(), undefined, null, 7)).toMatchObject({
    pausedUntilMs: null,
    isPauseAskedFor: false,
  })
})
