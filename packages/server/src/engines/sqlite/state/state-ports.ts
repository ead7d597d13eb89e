import { jsonValue } from '../../../core/json/json-text.ts'
import type { RegistryPage, RegistryRecord, RegistryStore } from '../../../registry/registry-store.ts'
import type { DeliveryEngine } from '../../delivery-engine.ts'
import { packAttempts } from './attempt-columns.ts'
import type { RecordColumns } from './registry-tables.ts'
import type { StateCaller } from './state-caller.ts'

/** The registry's port over calls of the state's thread. */
export function registryOver(caller: StateCaller, close: () => Promise<void>): RegistryStore {
  const listeners = new Set<() => void>()
  return {
    async commit(writes) {
      const result = await caller.call('commit', { writes, nowMs: Date.now() })
      if (result.kind === 'committed') for (const wake of listeners) wake()
      return result
    },
    changesAfter: async (revision, limit) => pageOf(await caller.call('changesAfter', { revision, limit })),
    nextNumber: () => caller.call('nextNumber', null),
    onChanged(wake) {
      listeners.add(wake)
      const stopHearing = caller.onChanged(wake)
      return () => {
        listeners.delete(wake)
        stopHearing()
      }
    },
    close,
  }
}

function pageOf(columns: RecordColumns): RegistryPage {
  const records = columns.ids.map((id, index) => {
    const kind = columns.kinds[index]
    const value = columns.values[index] ?? null
    return {
      kind,
      id,
      revision: columns.revisions[index],
      value: value === null ? null : recordValue(kind, value),
    } as RegistryRecord
  })
  return { records, revision: columns.revision, hasMore: columns.hasMore }
}

/** Tenant ids keep their digits; in an operator's event types, where there are none, numbers are what JSON says. */
function recordValue(kind: string | undefined, text: string): unknown {
  return kind === 'eventType' ? JSON.parse(text) : jsonValue(text)
}

/** The ports of delivery state over calls of the state's thread. */
export function deliveryOver(caller: StateCaller, close: () => Promise<void>): DeliveryEngine {
  return {
    load: (shares) => caller.call('load', shares),
    place: (beginning) => caller.call('place', beginning),
    /** Every lease lives as long as the process, which holds the lock of the files. */
    async settle(settlement, { shares }) {
      const attempts = packAttempts(settlement.attempts)
      await caller.call('settle', { ...settlement, attempts, shares }, [attempts.numbers.buffer])
      return 'written'
    },
    due: (request) => caller.call('due', request),
    async bringForward(request) {
      await caller.call('bringForward', request)
    },
    nextDueMs: (waiting) => caller.call('nextDueMs', waiting),
    oldestWaiting: (request) => caller.call('oldestWaiting', request),
    knownAfter: (request) => caller.call('knownAfter', request),
    deliveredAfter: (shares, requests) => caller.call('deliveredAfter', { shares, requests }),
    list: (query) => caller.call('list', query),
    find: (key) => caller.call('find', key),
    attemptsOf: (key) => caller.call('attemptsOf', key),
    undelivered: (request) => caller.call('undelivered', request),
    series: (request) => caller.call('series', request),
    async tally(tallies) {
      await caller.call('tally', tallies)
    },
    count: (subscription) => caller.call('count', subscription ?? null),
    async reopen(request) {
      await caller.call('reopen', request)
    },
    async forget(subscription) {
      await caller.call('forget', subscription)
    },
    async dropBefore(timeMs) {
      await caller.call('dropBefore', timeMs)
    },
    close,
  }
}
