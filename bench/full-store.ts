import type { AttemptRecord } from '../packages/server/src/core/delivery/attempt-record.ts'
import { noTiming } from '../packages/server/src/core/delivery/attempt-timing.ts'
import { deliveryOf, type EndedDelivery, type WaitingDelivery } from '../packages/server/src/core/delivery/delivery.ts'
import { soleLease } from '../packages/server/src/core/delivery/lease.ts'
import type { Subscription } from '../packages/server/src/core/registry/registry.ts'
import { scopesOf } from '../packages/server/src/core/series/scope.ts'
import { countsOf, Tallies } from '../packages/server/src/core/series/tally.ts'
import { nothingSettled } from '../packages/server/src/deliver/settling/settling-store.ts'
import { openSqliteState, type SqliteState } from '../packages/server/src/engines/sqlite/state/state.ts'
import { putRecord } from '../packages/server/src/registry/writes.ts'

/** Of the deliveries, one in so many waits for its next attempt, and another has failed. */
const oneInWaits = 100
const recordsAtOnce = 1_000
const deliveriesAtOnce = 5_000
const hourMs = 3_600_000

export interface Fill {
  readonly subscriptions: number
  readonly deliveries: number
  /** Positions of the log that hold events: a delivery is of each in turn. */
  readonly events: number
  readonly onProgress: (text: string) => void
}

/**
 * Fills a stopped server's store through its own ports: copies of the subscriptions that it has, until there are so
 * many, and deliveries of them over the last day. The deliveries that wait are due in a day.
 */
export async function fillStore(data: string, fill: Fill): Promise<void> {
  const state = await openSqliteState({ directory: data })
  try {
    const subscriptions = await copySubscriptions(state, fill)
    await settleDeliveries(state, subscriptions, fill)
  } finally {
    await state.close()
  }
}

async function copySubscriptions({ registry, delivery }: SqliteState, fill: Fill): Promise<Subscription[]> {
  const { records } = await registry.changesAfter(0, 1_000_000)
  const originals = records.flatMap(({ kind, value }) => (kind === 'subscription' && value ? value : []))
  const subscriptions = [...originals]
  while (subscriptions.length < fill.subscriptions) {
    const copies: Subscription[] = []
    for (let at = 0; at < recordsAtOnce && subscriptions.length + copies.length < fill.subscriptions; at++) {
      const original = originals[copies.length % originals.length]!
      const number = await registry.nextNumber()
      const description = `Copy ${number}`
      copies.push({
        ...original,
        number,
        id: `${original.id.slice(0, -8)}${String(number).padStart(8, '0')}`,
        description,
      })
    }
    const place = {
      partition: 0,
      mode: 'shared',
      position: fill.events,
      sequence: 0,
      catchUp: null,
      skipped: [],
    } as const
    await Promise.all(copies.map(({ number }) => delivery.place({ ...place, subscription: number })))
    await registry.commit(copies.map((copy) => putRecord('subscription', copy)))
    subscriptions.push(...copies)
    fill.onProgress(`${subscriptions.length} subscriptions`)
  }
  return subscriptions
}

async function settleDeliveries({ delivery }: SqliteState, subscriptions: readonly Subscription[], fill: Fill) {
  const fromMs = Date.now() - 24 * hourMs
  const stepMs = (24 * hourMs) / fill.deliveries
  const dueAtMs = Date.now() + 24 * hourMs
  for (let first = 0; first < fill.deliveries; first += deliveriesAtOnce) {
    const attempts: AttemptRecord[] = []
    const waiting: WaitingDelivery[] = []
    const ended: EndedDelivery[] = []
    const tallies = new Tallies()
    for (let at = first; at < Math.min(first + deliveriesAtOnce, fill.deliveries); at++) {
      const subscription = subscriptions[at % subscriptions.length]!
      const record = attemptOf(subscription, at, fromMs + at * stepMs, fill.events)
      attempts.push(record)
      tallies.add(scopesOf(subscription), record.atMs, countsOf(record, record.durationMs))
      if (record.outcome === 'delivered') continue
      const row = { ...deliveryOf(record), attempts: 1, firstAttemptAtMs: record.atMs, dueAtMs }
      if (record.outcome === 'waiting') waiting.push(row)
      else ended.push({ ...row, status: 'failed' })
    }
    await delivery.settle(
      {
        ...{ ...nothingSettled, attempts, waiting, ended, tallies: tallies.take() },
        watermarks: [{ partition: 0, position: fill.events }],
      },
      soleLease,
    )
    fill.onProgress(`${first + attempts.length} deliveries`)
  }
}

function attemptOf({ number }: Subscription, at: number, atMs: number, events: number): AttemptRecord {
  const isAccepted = at % oneInWaits > 1
  return {
    ...{ subscription: number, partition: 0, position: 1 + (at % events), sequence: at + 1, attempt: 1 },
    ...{ topic: 'invoices', type: 'invoice.updated', tenantId: 29_300, entityKey: String(at % events) },
    ...{ atMs: Math.trunc(atMs), durationMs: 5 + (at % 90), timing: noTiming },
    status: isAccepted ? 204 : 500,
    error: isAccepted ? null : 'http_500',
    body: isAccepted ? null : 'out of order',
    answerHeaders: null,
    outcome: isAccepted ? 'delivered' : at % oneInWaits === 1 ? 'failed' : 'waiting',
  }
}
