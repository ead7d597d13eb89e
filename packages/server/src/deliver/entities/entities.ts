import type { Subscription } from '../../core/registry/registry.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { HistoryStore } from '../history/history-store.ts'
import type { Lane } from '../queue/lane.ts'
import type { Settlements } from '../settling/settlements.ts'
import { EntityFlow } from './entity-flow.ts'
import { loadLedger } from './entity-ledger.ts'

const retryMs = 1_000

export interface EntitiesDeps {
  readonly history: HistoryStore
  readonly settlements: Settlements
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

/** The flow of entities in each lane whose subscription orders or coalesces by entity; the others have none. */
export class Entities {
  readonly #deps: EntitiesDeps
  readonly #flows = new Map<Lane, EntityFlow>()
  #listeners: ((lane: Lane) => void)[] = []
  #isStopped = false

  constructor(deps: EntitiesDeps) {
    this.#deps = deps
  }

  /** Calls back when what an entity held back may be attempted now. */
  onReady(listener: (lane: Lane) => void): void {
    this.#listeners.push(listener)
  }

  /** Undefined: in this lane the order of entities does not matter. */
  flowOf(lane: Lane): EntityFlow | undefined {
    return this.#flows.get(lane)
  }

  /** Follows what the lane's subscription asks for now. */
  configure(lane: Lane): void {
    const flow = this.#flows.get(lane)
    // Looked at again once its rows are read: those that are held must be known to be let go.
    if (flow?.isLoading) return
    if (!needsFlow(lane.subscription)) {
      this.#flows.delete(lane)
      lane.setGate(null)
    } else if (!flow) this.#open(lane)
    if (flow && lane.subscription.ordering !== 'entity') flow.releaseHeld()
  }

  forget(lane: Lane): void {
    this.#flows.delete(lane)
  }

  stop(): void {
    this.#isStopped = true
  }

  #open(lane: Lane): void {
    const flow = new EntityFlow({ ...this.#deps, ready: (ready) => this.#tell(ready) }, lane)
    this.#flows.set(lane, flow)
    lane.setGate(flow)
    void this.#load(lane, flow)
  }

  /**
   * Reads what waits in the store, by entity, before anything newer of the same entities is sent: a lane
   * whose rows cannot be read attempts nothing until they can (invariant 6).
   */
  async #load(lane: Lane, flow: EntityFlow): Promise<void> {
    while (this.#flows.get(lane) === flow) {
      try {
        await this.#fill(lane, flow)
        break
      } catch (error) {
        if (this.#isStopped) return
        this.#deps.onFailure(error)
        await new Promise<void>((resolve) => this.#deps.clock.schedule(retryMs, resolve))
      }
    }
    if (this.#flows.get(lane) !== flow) return
    flow.resume()
    this.configure(lane)
    this.#tell(lane)
  }

  async #fill(lane: Lane, flow: EntityFlow): Promise<void> {
    // Attempts under way may clear rows while they are read.
    while (lane.inFlight > 0) await lane.quiet.wait()
    await this.#deps.settlements.durable()
    await loadLedger(this.#deps.history, lane.number, flow.ledger)
  }

  #tell(lane: Lane): void {
    for (const listener of this.#listeners) listener(lane)
  }
}

function needsFlow(subscription: Subscription): boolean {
  return subscription.ordering === 'entity' || subscription.coalesce === 'latest'
}
