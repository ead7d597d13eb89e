import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { jsonValue } from '../../../core/json/json-text.ts'
import type { AuditLog } from '../../../registry/audit-log.ts'
import type { RegistryPage, RegistryRecord, RegistryStore } from '../../../registry/registry-store.ts'
import type { DeliveryEngine } from '../../delivery-engine.ts'
import { packAttempts } from './attempt-columns.ts'
import type { RecordColumns } from './registry-tables.ts'
import { StateThread } from './state-thread.ts'

/** Registry and delivery state in two SQLite files, written by one thread of their own. */
export interface SqliteState {
  readonly registry: RegistryStore
  readonly delivery: DeliveryEngine
  readonly audit: AuditLog
  /** Copies both into a directory while they are in use. Copy the log after them: it must know every event that they point to. */
  backupTo(directory: string): Promise<void>
  /** Closes both. Closing either one closes both as well. */
  close(): Promise<void>
}

/** Whether a directory holds a registry, of whatever format. */
export function hasSqliteState(directory: string): boolean {
  return existsSync(join(directory, 'registry.db'))
}

/**
 * @param options.directory made if it is not there.
 * @param options.lockTimeoutMs how long to wait for an earlier process to let go of the files.
 * @throws AppError `unsafe_store` for an old SQLite, a directory in use or a newer schema; `storage_unavailable`.
 */
export async function openSqliteState(options: { directory: string; lockTimeoutMs?: number }): Promise<SqliteState> {
  const thread = new StateThread({ directory: options.directory, lockTimeoutMs: options.lockTimeoutMs ?? 2_000 })
  try {
    await thread.call('open', null)
  } catch (error) {
    await thread.close()
    throw error
  }
  const close = () => thread.close()
  return {
    registry: registryOver(thread, close),
    delivery: deliveryOver(thread, close),
    audit: {
      async append(entries, nowMs) {
        await thread.call('audit', { entries, nowMs })
      },
      page: (request) => thread.call('auditPage', request),
    },
    backupTo: async (directory) => {
      await thread.call('backUp', directory)
    },
    close,
  }
}

function registryOver(thread: StateThread, close: () => Promise<void>): RegistryStore {
  const listeners = new Set<() => void>()
  return {
    async commit(writes) {
      const result = await thread.call('commit', { writes, nowMs: Date.now() })
      if (result.kind === 'committed') for (const wake of listeners) wake()
      return result
    },
    changesAfter: async (revision, limit) => pageOf(await thread.call('changesAfter', { revision, limit })),
    nextNumber: () => thread.call('nextNumber', null),
    onChanged(wake) {
      listeners.add(wake)
      return () => listeners.delete(wake)
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

function deliveryOver(thread: StateThread, close: () => Promise<void>): DeliveryEngine {
  return {
    load: (shares) => thread.call('load', shares),
    /** The lease is this process's for ever: it holds the lock of the file, and owns every share. */
    async settle(settlement) {
      const attempts = packAttempts(settlement.attempts)
      await thread.call('settle', { ...settlement, attempts }, [attempts.numbers.buffer])
      return 'written'
    },
    due: (request) => thread.call('due', request),
    async bringForward(request) {
      await thread.call('bringForward', request)
    },
    nextDueMs: (waiting) => thread.call('nextDueMs', waiting),
    oldestWaiting: (request) => thread.call('oldestWaiting', request),
    knownAfter: (request) => thread.call('knownAfter', request),
    deliveredAfter: (shares, requests) => thread.call('deliveredAfter', { shares, requests }),
    list: (query) => thread.call('list', query),
    find: (key) => thread.call('find', key),
    attemptsOf: (key) => thread.call('attemptsOf', key),
    count: (subscription) => thread.call('count', subscription ?? null),
    async reopen(request) {
      await thread.call('reopen', request)
    },
    async forget(subscription) {
      await thread.call('forget', subscription)
    },
    async dropBefore(timeMs) {
      await thread.call('dropBefore', timeMs)
    },
    close,
  }
}
