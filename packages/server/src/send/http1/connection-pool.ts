import type { Connection } from './connection.ts'

/** Idle connections kept at any rate; each holds a descriptor of the process. */
const minIdle = 2_048
/** How often idle connections are looked through for those whose time is over. */
const sweepMs = 1_000

/**
 * Idle connections by key, the latest used first. It opens none and caps none in use: how many
 * requests run at once is the caller's rule. Since the latest used goes out first and an idle one is closed after
 * seconds, a key keeps no more than were in flight lately, and no fewer: nothing is closed only to be opened again.
 * All together are capped by what was in flight at once in the last seconds, or `minIdle` if that is more; past the
 * cap the longest idle is closed.
 */
export class ConnectionPool {
  readonly #byKey = new Map<string, Connection[]>()
  /** The longest idle first. */
  readonly #idle = new Set<Connection>()
  readonly #maxAgeMs: number
  #busy = 0
  #mostBusy = 0
  #mostBusyBefore = 0
  #timer: NodeJS.Timeout | null = null

  /** A connection older than this is not used again, so that a receiver that moved is found. */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs
  }

  /** Idle connections now. */
  get size(): number {
    return this.#idle.size
  }

  /** An exchange has begun, on a connection of the pool or a new one. */
  occupied(): void {
    this.#busy += 1
    if (this.#busy > this.#mostBusy) this.#mostBusy = this.#busy
  }

  /** And ended. */
  freed(): void {
    this.#busy -= 1
  }

  take(key: string, nowMs: number): Connection | null {
    const idle = this.#byKey.get(key)
    for (;;) {
      const connection = idle?.at(-1)
      if (connection === undefined) return null
      this.forget(connection)
      if (connection.isUsable && nowMs < connection.idleUntilMs && nowMs - connection.openedMs < this.#maxAgeMs) {
        return connection
      }
      connection.discard()
    }
  }

  give(connection: Connection): void {
    const idle = this.#byKey.get(connection.key)
    if (idle === undefined) this.#byKey.set(connection.key, [connection])
    else idle.push(connection)
    this.#idle.add(connection)
    if (this.#idle.size > Math.max(minIdle, this.#mostBusy, this.#mostBusyBefore)) {
      this.#idle.values().next().value!.discard()
    }
    // Nothing waits for it: it must not keep a process alive.
    this.#timer ??= setInterval(() => this.#sweep(performance.now()), sweepMs).unref()
  }

  forget(connection: Connection): void {
    if (!this.#idle.delete(connection)) return
    const idle = this.#byKey.get(connection.key)!
    if (idle.at(-1) === connection) idle.pop()
    else idle.splice(idle.indexOf(connection), 1)
    if (idle.length === 0) this.#byKey.delete(connection.key)
  }

  discardAll(): void {
    for (const connection of [...this.#idle]) connection.discard()
    this.#rest()
  }

  #sweep(nowMs: number): void {
    for (const connection of [...this.#idle]) if (nowMs >= connection.idleUntilMs) connection.discard()
    this.#mostBusyBefore = this.#mostBusy
    this.#mostBusy = this.#busy
    if (this.#idle.size === 0) this.#rest()
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
