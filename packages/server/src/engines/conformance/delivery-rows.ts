import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { DeliveryKey, DeliveryStatus, WaitingDelivery } from '../../core/delivery/delivery.ts'
import type { DeliveryEngine } from '../delivery-engine.ts'

export const dayMs = 24 * 3_600_000
export const startMs = Date.UTC(2026, 0, 10)
export const nobody: ReadonlySet<number> = new Set()

export const keyOf = (subscription: number, position: number, partition = 0): DeliveryKey => ({
  subscription,
  partition,
  position,
})
const eventOf = (position: number) => ({
  topic: 'invoices',
  type: 'invoice.updated',
  tenantId: 29302,
  entityKey: `invoice ${position}`,
})
export const waitingRow = (
  subscription: number,
  position: number,
  rest: Partial<WaitingDelivery> = {},
): WaitingDelivery => ({
  ...keyOf(subscription, position),
  ...eventOf(position),
  sequence: position,
  attempts: 1,
  firstAttemptAtMs: startMs,
  dueAtMs: startMs + 5_000,
  ...rest,
})
export const attemptRow = (
  subscription: number,
  position: number,
  rest: Partial<AttemptRecord> = {},
): AttemptRecord => ({
  ...keyOf(subscription, position),
  ...eventOf(position),
  attempt: 1,
  sequence: position,
  atMs: startMs,
  durationMs: 12,
  timing: { dnsMs: 1, connectMs: 2, tlsMs: null, firstByteMs: 9 },
  answerHeaders: '{"server":"nginx"}',
  status: 200,
  error: null,
  body: null,
  outcome: 'delivered',
  ...rest,
})
export const failedAttempt = (
  subscription: number,
  position: number,
  rest: Partial<AttemptRecord> = {},
): AttemptRecord => attemptRow(subscription, position, { status: 500, error: 'http_500', outcome: 'waiting', ...rest })

export const list = (
  store: DeliveryEngine,
  subscriptions: number[],
  statuses: DeliveryStatus[] | null = null,
  rest: { limit?: number; cursor?: string | null } = {},
) =>
  store.list({
    subscriptions,
    statuses: statuses && new Set(statuses),
    limit: rest.limit ?? 100,
    cursor: rest.cursor ?? null,
  })
export const positions = (rows: readonly DeliveryKey[]) => rows.map(({ position }) => position)

/** A store that is empty; `reopen` closes it and opens it again, where that means something. */
export interface FreshStore {
  readonly store: DeliveryEngine
  readonly reopen: () => Promise<DeliveryEngine>
}
