import { AppError } from '../core/errors.ts'
import { StreamList } from './stream-list.ts'

export interface StreamLimits {
  readonly perAddress: number
  readonly perIntegration: number
}

/** How long whoever found no place should wait. */
export const crowdedRetrySeconds = 30

/**
 * Counts open streams of every kind together, by address and by integration (contracts/native.md, limits): whoever has
 * used up the WebSocket connections of an address gets no server-sent events there either.
 */
export class OpenStreams {
  /** Each of them, for whoever looks after streams. */
  readonly list = new StreamList()
  readonly #limits: StreamLimits
  readonly #addresses = new Map<string, number>()
  readonly #integrations = new Map<string, number>()
  #count = 0

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#count
  }

  /**
   * Counts a stream that was asked for by a request. Returns what ends its count, once however often it is called.
   * @throws AppError `rate_limited`
   */
  open(address: string, integrationId: string | null): () => void {
    const isIn = this.enter(address)
    const isClaimed = isIn && (integrationId === null || this.claim(integrationId))
    if (isIn && !isClaimed) this.leave(address)
    if (!isClaimed) {
      throw new AppError(
        'rate_limited',
        'Too many streams are open. Close some of them: one stream can carry all topics and tenants.',
        { retryAfterSeconds: crowdedRetrySeconds },
      )
    }
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      this.leave(address)
      if (integrationId !== null) this.release(integrationId)
    }
  }

  isFull(address: string): boolean {
    return (this.#addresses.get(address) ?? 0) >= this.#limits.perAddress
  }

  /** False when the address has as many as it may have. Else given back with one `leave`. */
  enter(address: string): boolean {
    if (this.isFull(address)) return false
    raise(this.#addresses, address)
    this.#count += 1
    return true
  }

  leave(address: string): void {
    lower(this.#addresses, address)
    this.#count -= 1
  }

  /** False when the integration has as many as it may have. Else given back with one `release`. */
  claim(integrationId: string): boolean {
    if ((this.#integrations.get(integrationId) ?? 0) >= this.#limits.perIntegration) return false
    raise(this.#integrations, integrationId)
    return true
  }

  release(integrationId: string): void {
    lower(this.#integrations, integrationId)
  }
}

function raise(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function lower(counts: Map<string, number>, key: string): void {
  const count = counts.get(key) ?? 0
  if (count > 1) counts.set(key, count - 1)
  else counts.delete(key)
}
