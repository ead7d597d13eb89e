import type { TokenGrant } from '../../core/credential/token-grant.ts'
import type { Clock } from '../../core/time/clock.ts'
import { withSecret } from '../authenticate.ts'
import type { LiveToken } from '../grant-table.ts'
import { authorityUnavailable, type Recogniser } from '../recogniser.ts'
import type { Registry } from '../registry.ts'

/** What callers prove themselves with: tokens of the registry, and those that an authority vouches for. */
export class Credentials {
  readonly #registry: Registry
  readonly #recogniser: Pick<Recogniser, 'recognise'>
  readonly #clock: Pick<Clock, 'now'>

  constructor(registry: Registry, recogniser: Pick<Recogniser, 'recognise'>, clock: Pick<Clock, 'now'>) {
    this.#registry = registry
    this.#recogniser = recogniser
    this.#clock = clock
  }

  /** @throws AppError `authority_unavailable` when its authority cannot be asked now */
  async grantOf(accessToken: string, address: string): Promise<TokenGrant | undefined> {
    const known = this.#knownGrantOf(accessToken)
    if (known) return known
    const recognition = await this.#recogniser.recognise(accessToken, address)
    if (recognition === 'unavailable') throw authorityUnavailable()
    return recognition === 'known' ? this.#knownGrantOf(accessToken) : undefined
  }

  grantWithId(tokenId: string): TokenGrant | undefined {
    return liveGrant(this.#registry.directory.liveTokenWithId(tokenId, this.#clock.now()))
  }

  isClientSecret(integrationId: string, clientSecret: string): boolean {
    const { directory } = this.#registry
    return withSecret(directory.integrations.get(integrationId), this.#registry.hashes(clientSecret)) !== undefined
  }

  #knownGrantOf(accessToken: string): TokenGrant | undefined {
    const nowMs = this.#clock.now()
    for (const hash of this.#registry.hashes(accessToken)) {
      const live = this.#registry.directory.liveTokenWithHash(hash, nowMs)
      if (live) return liveGrant(live)
    }
    return undefined
  }
}

function liveGrant(live: LiveToken | undefined): TokenGrant | undefined {
  if (!live) return undefined
  const { id: tokenId, integrationId, tenantId, types } = live.token
  return {
    tokenId,
    integrationId,
    tenantId,
    expiresAtMs: live.expiresAtMs,
    allows: (type) => live.types.allows(type),
    owner: { kind: 'integrator', integrationId, tenantId, token: { id: tokenId, types } },
  }
}
