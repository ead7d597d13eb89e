import { expect, test } from 'vitest'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import { decodeDeliveryId } from '../core/delivery/delivery-id.ts'
import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import { heldDueMs } from '../deliver/entities/entity-ledger.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { attemptView, deliveryViews } from './delivery-view.ts'

const row = (rest: Partial<DeliveryRow> = {}): DeliveryRow => ({
  ...{ subscription: 3, partition: 0, position: 1, topic: 'invoices', type: 'invoice.updated', tenantId: 7 },
  ...{ entityKey: '42', sequence: 5, status: 'waiting', attempts: 2, nextAttemptAtMs: Date.UTC(2026, 0, 1) },
  ...{ lastAttempt: null, ...rest },
})

async function viewsOf(...rows: DeliveryRow[]) {
  const log = new MemoryLog({ epoch: 7 })
  await log.append([newEvent({ id: 'inv-1' })])
  const subscription = sampleSubscription('standard', { id: 'sub_3', number: 3 })
  return deliveryViews(
    {
      log,
      offsetOf: ({ topic, position }) => `${topic}/${position}`,
      subscriptions: { withNumber: (number) => (number === 3 ? subscription : undefined) },
    },
    rows,
  )
}

test('a delivery is shown with its event, by the ids that others know them by', async () => {
  const [view] = await viewsOf(row())
  expect(decodeDeliveryId(String(view!.id), 7)).toEqual({ subscription: 3, partition: 0, position: 1 })
  expect(view).toMatchObject({
    ...{ status: 'waiting', subscription: 'sub_3', sequence: 5, attempts: 2, lastAttempt: null },
    event: { id: 'inv-1', type: 'invoice.updated', tenantId: 7, entityId: '42', offset: 'invoices/1' },
    ...{ type: 'invoice.updated', topic: 'invoices', offset: 'invoices/1', tenantId: 7, entityId: '42' },
    nextAttemptAt: '2026-01-01T00:00:00.000Z',
  })
})

test('one whose event or subscription is gone is shown without its id', async () => {
  const [, gone] = await viewsOf(row(), row({ position: 9, subscription: 4 }))
  expect(gone).toMatchObject({ subscription: null, event: { id: null, offset: 'invoices/9' } })
})

test.each([null, heldDueMs])('one that waits for no time has none to show: %s', async (nextAttemptAtMs) => {
  const [view] = await viewsOf(row({ nextAttemptAtMs }))
  expect(view!.nextAttemptAt).toBeNull()
})

test('an attempt is shown with what came back, and without what is the delivery’s', () => {
  const record = {
    ...{
      ...row(),
      attempt: 2,
      atMs: Date.UTC(2026, 0, 1),
      durationMs: 12,
      answerHeaders: '{"server":"nginx"}',
      timing: { dnsMs: 1, connectMs: 2, tlsMs: null, firstByteMs: 9 },
      status: 500,
      error: 'http_500',
    },
    ...{ body: 'no', outcome: 'failed' },
  } as AttemptRecord
  expect(attemptView(record)).toEqual({
    headers: [{ name: 'server', value: 'nginx' }],
    timing: { dnsMs: 1, connectMs: 2, tlsMs: null, firstByteMs: 9 },
    ...{ attempt: 2, at: '2026-01-01T00:00:00.000Z', durationMs: 12, status: 500, error: 'http_500', body: 'no' },
  })
})
