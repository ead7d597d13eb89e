import type { Clock } from '../core/time/clock.ts'
import type { Settlements } from '../deliver/settling/settlements.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'

const retryMs = 1_000
const dropMs = 86_400_000
/** How long it is remembered that a subscription was deleted: longer than a node sleeps, or a backup takes. */
const rememberedMs = 7 * 86_400_000

/** The subscriptions that were deleted in the last days, as the registry remembers them: written with the deletion itself. */
export interface DeletedSubscriptions {
  /** Whether the subscription of this number was deleted. False of one that this node does not know: another node may. */
  has(number: number): boolean
  /** Numbers of those that were deleted before a time. */
  before(timeMs: number): readonly number[]
  /** Remembers them no longer. */
  drop(numbers: readonly number[]): Promise<void>
}

export interface DeletionsDeps {
  readonly deleted: DeletedSubscriptions
  readonly settling: Pick<SettlingStore, 'forget'>
  readonly settlements: Pick<Settlements, 'durable'>
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

/**
 * Takes what deleted subscriptions leave in the store away: their places, what waits, what has ended, their attempts.
 * Only the owner of their shares does it, once nothing more is written for them, and only by the registry's record of
 * the deletion: that a subscription is not known here says nothing.
 */
export class Deletions {
  readonly #deps: DeletionsDeps
  #isStopped = false
  #cancel = () => {}

  constructor(deps: DeletionsDeps) {
    this.#deps = deps
  }

  /**
   * Goes on with what a crash cut short: subscriptions that were deleted and still have a place.
   * @param strangers numbers of those that have a place and are not known
   */
  start(strangers: readonly number[]): void {
    const unfinished = strangers.filter((number) => this.#deps.deleted.has(number))
    void Promise.all(unfinished.map((number) => this.finish(number))).then(() => this.#dropOld())
  }

  /** The subscription's lane is closed; what was gathered for it before may not be written yet. */
  async finish(number: number): Promise<void> {
    const { settling, settlements, clock, onFailure } = this.#deps
    while (!this.#isStopped) {
      try {
        await settlements.durable()
        await settling.forget(number)
        return
      } catch (error) {
        if (this.#isStopped) return
        onFailure(error)
        await new Promise<void>((resolve) => clock.schedule(retryMs, resolve))
      }
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  async #dropOld(): Promise<void> {
    const { deleted, clock, onFailure } = this.#deps
    if (this.#isStopped) return
    try {
      await deleted.drop(deleted.before(clock.now() - rememberedMs))
    } catch (error) {
      if (!this.#isStopped) onFailure(error)
    }
    if (!this.#isStopped) this.#cancel = clock.schedule(dropMs, () => void this.#dropOld())
  }
}
