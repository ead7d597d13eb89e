import type { DeliveryStore } from '../deliver/delivery-store.ts'
import type { Dispatcher } from '../deliver/dispatcher.ts'
import { type EntityLedger, loadLedger } from '../deliver/entity-ledger.ts'
import type { Lane } from '../deliver/lane.ts'
import type { Settlements } from '../deliver/settlements.ts'

export interface LedgerLoadingDeps {
  readonly store: DeliveryStore
  readonly dispatcher: Dispatcher
  readonly settlements: () => Settlements
  readonly onFailure: (error: unknown) => void
}

/** Reads what waits in the store, by entity, before anything newer of the same entities is sent. */
export function startLedgerLoading(deps: LedgerLoadingDeps, lane: Lane): void {
  const { ledger } = lane
  if (!ledger) return
  lane.isLoading = true
  fill(deps, lane, ledger)
    .catch(deps.onFailure)
    .finally(() => {
      lane.isLoading = false
      deps.dispatcher.resume(lane)
    })
}

async function fill({ store, settlements }: LedgerLoadingDeps, lane: Lane, ledger: EntityLedger): Promise<void> {
  // Attempts under way may clear rows while they are read.
  while (lane.inFlight > 0) await lane.quiet.wait()
  await settlements().flush()
  await loadLedger(store, lane.subscription.number, ledger)
}
