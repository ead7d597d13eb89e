import type { LiveToken } from './grant-table.ts'

/**
 * Tokens of the application's own authority that are good for now, in memory alone. They say who asks; what
 * the asker may see of the tenant stands in the grant table, as for every other token.
 */
export class RecognisedTokens {
  readonly #byHash = new Map<string, LiveToken>()
  readonly #byId = new Map<string, LiveToken>()
  readonly #listeners = new Set<(tokenId: string) => void>()

  withHash(hash: string): LiveToken | undefined {
    return this.#byHash.get(hash)
  }

  get(id: string): LiveToken | undefined {
    return this.#byId.get(id)
  }

  put(live: LiveToken): void {
    const before = this.#byId.get(live.token.id)
    this.#byHash.set(live.token.hash, live)
    this.#byId.set(live.token.id, live)
    if (before) this.#tell(live.token.id)
  }

  delete(id: string): void {
    const live = this.#byId.get(id)
    if (!live) return
    this.#byId.delete(id)
    this.#byHash.delete(live.token.hash)
    this.#tell(id)
  }

  /** Calls back with a token that is good no more, or shows something else. Returns its cancel. */
  onChanged(listener: (tokenId: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(tokenId: string): void {
    for (const listener of this.#listeners) listener(tokenId)
  }
}
