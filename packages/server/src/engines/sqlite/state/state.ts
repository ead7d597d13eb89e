import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { AppError } from '../../../core/errors.ts'
import type { AuditLog } from '../../../registry/audit-log.ts'
import type { RegistryStore } from '../../../registry/registry-store.ts'
import type { DeliveryEngine } from '../../delivery-engine.ts'
import { StateCaller } from './state-caller.ts'
import { deliveryOver, registryOver } from './state-ports.ts'
import { StateThread } from './state-thread.ts'

/** Registry and delivery state in two SQLite files, written by one thread of their own. */
export interface SqliteState {
  readonly registry: RegistryStore
  readonly delivery: DeliveryEngine
  readonly audit: AuditLog
  /** Copies both into a directory while they are in use. Copy the log after them: it must know every event that they point to. */
  backupTo(directory: string): Promise<void>
  /** For a thread that calls by itself (`attachSqliteState`), until the port is closed there. */
  connect(): MessagePort
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
    await thread.caller.call('open', null)
  } catch (error) {
    await thread.close()
    throw error
  }
  const close = () => thread.close()
  return {
    registry: registryOver(thread.caller, close),
    delivery: deliveryOver(thread.caller, close),
    audit: {
      async append(entries, nowMs) {
        await thread.caller.call('audit', { entries, nowMs })
      },
      page: (request) => thread.caller.call('auditPage', request),
    },
    backupTo: async (directory) => {
      await thread.caller.call('backUp', directory)
    },
    connect: () => thread.connect(),
    close,
  }
}

/** Registry and delivery state for another thread than the one that owns them. */
export interface AttachedState {
  readonly registry: RegistryStore
  readonly delivery: DeliveryEngine
  /** Calls no more; the store itself is its owner's to close. */
  close(): Promise<void>
}

/** @param port from `SqliteState.connect`, transferred */
export function attachSqliteState(port: MessagePort): AttachedState {
  const caller = new StateCaller(port)
  const close = async () => {
    caller.end(new AppError('shutting_down', 'the store is closed'))
    port.close()
  }
  return { registry: registryOver(caller, close), delivery: deliveryOver(caller, close), close }
}
