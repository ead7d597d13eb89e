import type { Connection } from './connection.ts'

const maxIdle = 2_048
const maxIdlePerKey = 256

/**
 * Idle connections by key, the latest used first. It opens none and caps none in use: how many
 * requests run at once is the caller's rule. Those past a cap are closed, the longest idle first.
 */
export class ConnectionPool {
  readonly #idle = new Map<string, Connection[]>()
  #count = 0
  readonly #maxAgeMs: number

  /** A connection older than this is not used again, so that a receiver that moved is found. */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs
  }

  take(key: string, nowMs: number): Connection | null {
    const idle = this.#idle.get(key)
    for (;;) {
      const connection = idle?.pop()
      if (connection === undefined) return null
      this.#count -= 1
      if (idle!.length === 0) this.#idle.delete(key)
      if (connection.isUsable && nowMs - connection.openedMs < this.#maxAgeMs) return connection
      connection.discard()
    }
  }

  give(connection: Connection): void {
    const idle = this.#idle.get(connection.key)
    if (idle === undefined) this.#idle.set(connection.key, [connection])
    else idle.push(connection)
    this.#count += 1
    if (idle !== undefined && idle.length > maxIdlePerKey) idle[0]!.discard()
    else if (this.#count > maxIdle) this.#idle.values().next().value?.[0]?.discard()
  }

  forget(connection: Connection): void {
    const idle = this.#idle.get(connection.key)
    const at = idle?.indexOf(connection) ?? -1
    if (at < 0) return
    idle!.splice(at, 1)
    this.#count -= 1
    if (idle!.length === 0) this.#idle.delete(connection.key)
  }

  /** Idle connections now. */
  get size(): number {
    return this.#count
  }

  discardAll(): void {
    for (const idle of [...this.#idle.values()]) for (const connection of [...idle]) connection.discard()
  }
}
