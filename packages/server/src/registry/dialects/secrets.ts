import type { Sealed, SigningSecret } from '../../core/registry/registry.ts'
import type { Clock } from '../../core/time/clock.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import type { Sealer } from '../sealer.ts'

/** Keeps the secrets of dialects, sealed with the server's key. */
export class Secrets {
  readonly #sealer: Sealer
  readonly #clock: Pick<Clock, 'now'>

  constructor(sealer: Sealer, clock: Pick<Clock, 'now'>) {
    this.#sealer = sealer
    this.#clock = clock
  }

  signing(text: string, id: string): SigningSecret {
    return {
      algorithm: 'hmac-sha256',
      sealed: this.#sealer.seal(text, id),
      publicKey: null,
      createdAt: formatRfc3339(this.#clock.now()),
      expiresAt: null,
    }
  }

  seal(text: string, use: string): Sealed {
    return this.#sealer.seal(text, use)
  }

  /** @throws AppError `invalid_configuration` when no key of the server opens it for this use */
  unseal(sealed: Sealed, use: string): string {
    return this.#sealer.unseal(sealed, use)
  }
}
