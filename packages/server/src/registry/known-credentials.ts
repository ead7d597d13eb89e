import { hashSecret } from '../core/credential/key.ts'
import type { Clock } from '../core/time/clock.ts'
import type { AuthenticationContext } from './authenticate.ts'
import type { Directory } from './directory.ts'
import type { ServerKeys } from './master-key.ts'

/** What credentials are compared with. */
export class KnownCredentials {
  readonly #directory: Directory
  readonly #clock: Pick<Clock, 'now'>
  readonly #peppers: ServerKeys['peppers']
  readonly #adminKeyHash: string | undefined

  /** @param adminKey that of the configuration; empty: there is none */
  constructor(
    directory: Directory,
    clock: Pick<Clock, 'now'>,
    { peppers, adminKey }: { readonly peppers: ServerKeys['peppers']; readonly adminKey: string },
  ) {
    this.#directory = directory
    this.#clock = clock
    this.#peppers = peppers
    // It never changes while the server runs: hashed once, not with each request.
    this.#adminKeyHash = adminKey === '' ? undefined : hashSecret(adminKey, peppers[0])
  }

  /** At this moment. */
  context(): AuthenticationContext {
    return {
      directory: this.#directory,
      adminKeyHash: this.#adminKeyHash,
      peppers: this.#peppers,
      nowMs: this.#clock.now(),
    }
  }
}
