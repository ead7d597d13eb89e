import type { MessagePort } from 'node:worker_threads'
import type { Shares } from '../../../core/delivery/shares.ts'
import type { ErrorCode, FieldError } from '../../../core/errors.ts'
import type { DeliveredRequest } from '../../../deliver/due-store.ts'
import type { Settlement } from '../../../deliver/settling/settling-store.ts'
import type { AuditEntry, AuditPage, AuditRequest } from '../../../registry/audit-log.ts'
import type { RegistryCommit, RegistryWrite } from '../../../registry/registry-store.ts'
import type { DeliveryEngine } from '../../delivery-engine.ts'
import type { AttemptColumns } from './attempt-columns.ts'
import type { RecordColumns } from './registry-tables.ts'

/** What the worker is started with. */
export interface StateFiles {
  /** Holds `registry.db` and `delivery.db`. */
  readonly directory: string
  readonly lockTimeoutMs: number
}

/** With the shares of its lease. */
export type PackedSettlement = Omit<Settlement, 'attempts'> & {
  readonly attempts: AttemptColumns
  readonly shares: Shares
}

type Of<K extends keyof DeliveryEngine> = {
  argument: Parameters<DeliveryEngine[K]>[0]
  result: Awaited<ReturnType<DeliveryEngine[K]>>
}

/** What the state's thread does: its calls, each with one argument. They are carried out in order. */
export interface StateCalls {
  open: { argument: null; result: null }
  commit: { argument: { writes: readonly RegistryWrite[]; nowMs: number }; result: RegistryCommit }
  changesAfter: { argument: { readonly revision: number; readonly limit: number }; result: RecordColumns }
  audit: { argument: { entries: readonly AuditEntry[]; nowMs: number }; result: null }
  auditPage: { argument: AuditRequest; result: AuditPage }
  nextNumber: { argument: null; result: number }
  load: Of<'load'>
  place: Of<'place'>
  settle: { argument: PackedSettlement; result: null }
  due: Of<'due'>
  bringForward: { argument: Of<'bringForward'>['argument']; result: null }
  nextDueMs: Of<'nextDueMs'>
  oldestWaiting: Of<'oldestWaiting'>
  knownAfter: Of<'knownAfter'>
  deliveredAfter: {
    argument: { readonly shares: Shares; readonly requests: readonly DeliveredRequest[] }
    result: Of<'deliveredAfter'>['result']
  }
  list: Of<'list'>
  find: Of<'find'>
  attemptsOf: Of<'attemptsOf'>
  undelivered: Of<'undelivered'>
  series: Of<'series'>
  tally: { argument: Of<'tally'>['argument']; result: null }
  count: { argument: number | null; result: Of<'count'>['result'] }
  reopen: { argument: Of<'reopen'>['argument']; result: null }
  forget: { argument: number; result: null }
  dropBefore: { argument: number; result: null }
  backUp: { argument: string; result: null }
  close: { argument: null; result: null }
}
export type StateCallName = keyof StateCalls

export interface StateRequest {
  readonly id: number
  readonly name: StateCallName
  readonly argument: unknown
}

/** To the thread: a call, or another thread that calls from now on. */
export type ToState = StateRequest | { readonly serve: MessagePort }

/** From the thread: what became of a call, or that somebody else has changed the registry. */
export type FromState = StateAnswer | { readonly kind: 'changed' }

export type StateAnswer =
  | { readonly id: number; readonly kind: 'done'; readonly result: unknown }
  | {
      readonly id: number
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly message: string
      readonly errors: readonly FieldError[]
      readonly retryAfterSeconds: number | undefined
    }
  | { readonly id: number; readonly kind: 'bug'; readonly error: unknown }
