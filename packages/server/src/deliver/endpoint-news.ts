import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { HistoryStore } from './history/history-store.ts'

/** What happened to the endpoint of a subscription. */
export interface EndpointTurn {
  readonly turn: 'failed' | 'recovered'
  readonly subscription: Subscription
  /** Of the first failed attempt. */
  readonly error: string
}

export interface EndpointNewsDeps {
  readonly history: Pick<HistoryStore, 'list' | 'count' | 'attemptsOf'>
  /** When this run of the server began. */
  readonly startedMs: number
  readonly tell: (turn: EndpointTurn) => void
  readonly onFailure: (error: unknown) => void
}

interface Health {
  /** The endpoint that it is about: another one starts anew. */
  readonly url: string
  /** The error that was told of; null: it does not fail, or that was not told. */
  toldError: string | null
  toldAtMs: number
  /** What the run before left is being looked up: what comes meanwhile is judged after it. */
  pending: AttemptRecord[] | null
}

/** An endpoint that fails and recovers all the time is told of once in so long. */
const quietMs = 60_000
/** Deliveries that one look-up goes through. */
const mostLooked = 100

/**
 * Tells of the first failure of an endpoint, and of its recovery: not of each attempt, and not again of an endpoint that
 * failed when the run before ended.
 */
export class EndpointNews {
  readonly #deps: EndpointNewsDeps
  readonly #healths = new Map<number, Health>()

  constructor(deps: EndpointNewsDeps) {
    this.#deps = deps
  }

  /** An attempt has ended. */
  attempted(subscription: Subscription, record: AttemptRecord): void {
    const { url } = subscription.endpoint
    let health = this.#healths.get(subscription.number)
    if (health?.url !== url) {
      health = { url, toldError: null, toldAtMs: Number.NEGATIVE_INFINITY, pending: [record] }
      this.#healths.set(subscription.number, health)
      void this.#begin(subscription, health, record)
    } else if (health.pending) {
      // The first and the newest say all that matters, however long the look-up takes.
      health.pending[1] = record
    } else this.#judge(subscription, health, record)
  }

  /** The subscription is deleted. */
  forget(number: number): void {
    this.#healths.delete(number)
  }

  #judge(subscription: Subscription, health: Health, { error, atMs }: AttemptRecord): void {
    const { tell } = this.#deps
    if (error === null) {
      if (health.toldError !== null) tell({ turn: 'recovered', subscription, error: health.toldError })
      health.toldError = null
    } else if (health.toldError === null && atMs - health.toldAtMs >= quietMs) {
      health.toldError = error
      health.toldAtMs = atMs
      tell({ turn: 'failed', subscription, error })
    }
  }

  async #begin(subscription: Subscription, health: Health, record: AttemptRecord): Promise<void> {
    try {
      health.toldError = await this.#lastError(subscription, record)
    } catch (error) {
      this.#deps.onFailure(error)
    }
    const pending = health.pending ?? []
    health.pending = null
    for (const each of pending) this.#judge(subscription, health, each)
  }

  /** The error of the newest attempt of the run before; null: it was accepted, or there was none. */
  async #lastError({ number, failingSince }: Subscription, record: AttemptRecord): Promise<string | null> {
    const { history, startedMs } = this.#deps
    const { subscription, partition, position, attempt } = record
    if (record.error === null && attempt === 1 && failingSince === null) {
      // Nothing failed before that could have recovered: the ordinary case after a start.
      if ((await history.count(number)).waiting === 0) return null
    }
    const query = { subscriptions: [number], cursor: null, limit: mostLooked }
    const [ended, waiting, own] = await Promise.all([
      history.list({ ...query, statuses: new Set(['delivered', 'failed', 'superseded'] as const) }),
      history.list({ ...query, statuses: new Set(['waiting'] as const) }),
      attempt > 1 ? history.attemptsOf({ subscription, partition, position }) : [],
    ])
    const attempts = [...[...ended.rows, ...waiting.rows].flatMap(({ lastAttempt }) => lastAttempt ?? []), ...own]
    let newest: AttemptRecord | null = null
    for (const each of attempts) {
      if (each.atMs < startedMs && (newest === null || each.atMs > newest.atMs)) newest = each
    }
    // Its attempts may be older than what is kept.
    if (newest === null && failingSince !== null) return 'unknown'
    return newest?.error ?? null
  }
}
