import type { Clock } from '../core/time/clock.ts'
import type { Dispatcher } from '../deliver/dispatcher.ts'
import { type EntityLedger, loadLedger } from '../deliver/entities/entity-ledger.ts'
import type { HistoryStore } from '../deliver/history-store.ts'
import type { Lane } from '../deliver/lane.ts'
import type { Settlements } from '../deliver/settlements.ts'

export interface LedgerLoadingDeps {
  readonly history: HistoryStore
  readonly dispatcher: Dispatcher
  readonly settlements: () => Settlements
  readonly clock: Clock
  readonly isStopped: () => boolean
  readonly onFailure: (error: unknown) => void
}

const retryMs = 1_000

/**
 * Reads what waits in the store, by entity, before anything newer of the same entities is sent: a lane
 * whose rows cannot be read attempts nothing until they can (invariant 6).
 */
export function startLedgerLoading(deps: LedgerLoadingDeps, lane: Lane): void {
  const { ledger } = lane
  if (!ledger) return
  lane.isLoading = true
  void load(deps, lane, ledger)
}

async function load(deps: LedgerLoadingDeps, lane: Lane, ledger: EntityLedger): Promise<void> {
  while (lane.ledger === ledger && !lane.isRemoved) {
    try {
      await fill(deps, lane, ledger)
      break
    } catch (error) {
      if (deps.isStopped()) return
      deps.onFailure(error)
      await new Promise<void>((resolve) => deps.clock.schedule(retryMs, resolve))
    }
  }
  // One that was taken from the lane meanwhile may have a successor that is being read.
  if (lane.ledger !== ledger && lane.ledger !== null) return
  lane.isLoading = false
  deps.dispatcher.resume(lane)
}

async function fill({ history, settlements }: LedgerLoadingDeps, lane: Lane, ledger: EntityLedger): Promise<void> {
  // Attempts under way may clear rows while they are read.
  while (lane.inFlight > 0) await lane.quiet.wait()
  await settlements().durable()
  await loadLedger(history, lane.subscription.number, ledger)
}
