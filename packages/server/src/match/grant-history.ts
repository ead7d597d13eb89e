import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Grants } from './grants.ts'

/** The grants of one integration, those that have ended too, as far back as they are remembered (two weeks or more). */
export interface GrantHistory {
  /** Whether any grant has ended. */
  readonly hasEnded: boolean
  /** When the last one to end did so; null: none has. */
  readonly lastEndMs: number | null
  /** As they stood at a time, in epoch milliseconds. */
  at(timeMs: number): Grants
  /** All that had been given by a time, those that had ended by then too. */
  upTo(timeMs: number): Grants
  /** When the last grant of a tenant ended; null: one stands at the time, or there never was one. */
  endOf(tenantId: TenantId, nowMs: number): number | null
}
