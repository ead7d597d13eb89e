import { AppError } from '../core/errors.ts'

/** Counts open streams, by address and by integration (contracts/native.md, limits). */
export class OpenStreams {
  readonly #limits: { readonly perIntegration: number; readonly perAddress: number }
  readonly #byKey = new Map<string, number>()
  #count = 0

  constructor(limits: { readonly perIntegration: number; readonly perAddress: number }) {
    this.#limits = limits
  }

  get count(): number {
    return this.#count
  }

  /** @throws AppError `rate_limited`. Returns what ends the stream's count. */
  open(address: string, integrationId: string | null): () => void {
    const keys: [key: string, limit: number][] = [[`address ${address}`, this.#limits.perAddress]]
    if (integrationId !== null) keys.push([`integration ${integrationId}`, this.#limits.perIntegration])
    if (keys.some(([key, limit]) => (this.#byKey.get(key) ?? 0) >= limit)) {
      throw new AppError(
        'rate_limited',
        'Too many streams are open. Close some of them: one stream can carry all topics and tenants.',
        {
          retryAfterSeconds: 30,
        },
      )
    }
    for (const [key] of keys) this.#byKey.set(key, (this.#byKey.get(key) ?? 0) + 1)
    this.#count += 1
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      this.#count -= 1
      for (const [key] of keys) {
        const left = (this.#byKey.get(key) ?? 1) - 1
        if (left > 0) this.#byKey.set(key, left)
        else this.#byKey.delete(key)
      }
    }
  }
}
