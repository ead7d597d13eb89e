const windowMs = 300_000
const mostRequests = 150

export interface WindowUse {
  readonly isWithin: boolean
  readonly remaining: number
  /** When the next window begins, epoch seconds. */
  readonly resetSeconds: number
}

/** 150 requests in 5 minutes for each access token; contracts/moneybird.md, "Errors". */
export class RequestWindow {
  #startMs = 0
  #counts = new Map<string, number>()

  use(key: string, nowMs: number): WindowUse {
    const startMs = nowMs - (nowMs % windowMs)
    if (startMs !== this.#startMs) {
      // All windows begin together, so that no key is kept longer than one of them.
      this.#startMs = startMs
      this.#counts = new Map()
    }
    const count = Math.min((this.#counts.get(key) ?? 0) + 1, mostRequests + 1)
    this.#counts.set(key, count)
    return {
      isWithin: count <= mostRequests,
      remaining: Math.max(0, mostRequests - count),
      resetSeconds: (startMs + windowMs) / 1_000,
    }
  }
}

export function windowHeaders({ remaining, resetSeconds }: Omit<WindowUse, 'isWithin'>): Record<string, number> {
  return { 'RateLimit-Limit': mostRequests, 'RateLimit-Remaining': remaining, 'RateLimit-Reset': resetSeconds }
}
