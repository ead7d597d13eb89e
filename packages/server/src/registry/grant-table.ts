import { byText, SortedList } from '../core/collection/sorted-list.ts'
import { unionOfTypes, type VisibleTypes, visibleTypes } from '../core/event/visible-types.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { AccessToken } from '../core/registry/registry.ts'
import { epochMsOf } from '../core/time/time.ts'

/** An access token with what its texts mean. */
export interface LiveToken {
  readonly token: AccessToken
  /** Epoch milliseconds; null: never. From this moment on it is not valid. */
  readonly expiresAtMs: number | null
  readonly types: VisibleTypes
}

interface Expiry {
  readonly atMs: number
  readonly tokenId: string
}

const expiryPage = 100

/** Access tokens by all that they are asked for by: hash, integration and tenant, expiry. */
export class GrantTable {
  readonly #byId = new Map<string, LiveToken>()
  readonly #byHash = new Map<string, LiveToken>()
  readonly #byIntegration = new Map<string, Map<TenantId, LiveToken[]>>()
  readonly #byTenant = new Map<TenantId, Map<string, LiveToken[]>>()
  readonly #idsByIntegration = new Map<string, SortedList<string>>()
  readonly #expiries = new SortedList<Expiry>((a, b) => a.atMs - b.atMs || byText(a.tokenId, b.tokenId))

  get(id: string): LiveToken | undefined {
    return this.#byId.get(id)
  }

  *all(): Iterable<AccessToken> {
    for (const { token } of this.#byId.values()) yield token
  }

  withHash(hash: string): LiveToken | undefined {
    return this.#byHash.get(hash)
  }

  put(token: AccessToken): void {
    this.delete(token.id)
    const expiresAtMs = token.expiresAt === null ? null : epochMsOf(token.expiresAt)
    const live: LiveToken = { token, expiresAtMs, types: visibleTypes(token.types) }
    this.#byId.set(token.id, live)
    this.#byHash.set(token.hash, live)
    // One array serves both ways of looking.
    const tokens = [...(this.#byIntegration.get(token.integrationId)?.get(token.tenantId) ?? []), live]
    this.#place(token, tokens)
    let ids = this.#idsByIntegration.get(token.integrationId)
    if (!ids) {
      ids = new SortedList(byText)
      this.#idsByIntegration.set(token.integrationId, ids)
    }
    ids.add(token.id)
    if (expiresAtMs !== null) this.#expiries.add({ atMs: expiresAtMs, tokenId: token.id })
  }

  delete(id: string): void {
    const live = this.#byId.get(id)
    if (!live) return
    const { token, expiresAtMs } = live
    this.#byId.delete(id)
    if (this.#byHash.get(token.hash) === live) this.#byHash.delete(token.hash)
    const tokens = this.#byIntegration.get(token.integrationId)?.get(token.tenantId) ?? []
    this.#place(
      token,
      tokens.filter((other) => other !== live),
    )
    const ids = this.#idsByIntegration.get(token.integrationId)
    ids?.delete(id)
    if (ids?.size === 0) this.#idsByIntegration.delete(token.integrationId)
    if (expiresAtMs !== null) this.#expiries.delete({ atMs: expiresAtMs, tokenId: id })
  }

  /** Of one integration, by id, from after the one given. */
  page(integrationId: string, after: string | undefined, limit: number): AccessToken[] {
    const ids = this.#idsByIntegration.get(integrationId)?.after(after, limit) ?? []
    return ids.map((id) => this.#byId.get(id)!.token)
  }

  /** What the integration's live tokens of this very tenant show; undefined: it has none. */
  direct(integrationId: string, tenantId: TenantId, nowMs: number): VisibleTypes | undefined {
    const tokens = this.#byIntegration.get(integrationId)?.get(tenantId)
    if (!tokens) return undefined
    if (tokens.length === 1) return isLive(tokens[0]!, nowMs) ? tokens[0]!.types : undefined
    const live = tokens.filter((token) => isLive(token, nowMs))
    return live.length === 0 ? undefined : unionOfTypes(live.map(({ token }) => token.types))
  }

  /** What its live tokens of any of these tenants show together. */
  any(integrationId: string, tenantIds: Iterable<TenantId>, nowMs: number): VisibleTypes | undefined {
    const byTenant = this.#byIntegration.get(integrationId)
    if (!byTenant) return undefined
    const live: LiveToken[] = []
    for (const tenantId of tenantIds) {
      for (const token of byTenant.get(tenantId) ?? []) if (isLive(token, nowMs)) live.push(token)
    }
    if (live.length <= 1) return live[0]?.types
    return unionOfTypes(live.map(({ token }) => token.types))
  }

  /** Tenants of which the integration has a live token. */
  *tenantsOf(integrationId: string, nowMs: number): Iterable<TenantId> {
    for (const [tenantId, tokens] of this.#byIntegration.get(integrationId) ?? []) {
      if (tokens.some((token) => isLive(token, nowMs))) yield tenantId
    }
  }

  /** Integrations that have a live token of this very tenant. */
  *integrationsOf(tenantId: TenantId, nowMs: number): Iterable<string> {
    for (const [integrationId, tokens] of this.#byTenant.get(tenantId) ?? []) {
      if (tokens.some((token) => isLive(token, nowMs))) yield integrationId
    }
  }

  /** All tokens of a tenant, expired ones too. */
  ofTenant(tenantId: TenantId): AccessToken[] {
    return [...(this.#byTenant.get(tenantId)?.values() ?? [])].flat().map(({ token }) => token)
  }

  /** All tokens of an integration, expired ones too. */
  ofIntegration(integrationId: string): AccessToken[] {
    return [...(this.#byIntegration.get(integrationId)?.values() ?? [])].flat().map(({ token }) => token)
  }

  /** When the next token expires; null: none will. */
  nextExpiryMs(nowMs: number): number | null {
    return this.#expiries.after({ atMs: nowMs, tokenId: '\uffff' }, 1)[0]?.atMs ?? null
  }

  /** The integrations of tokens that expired after one time, up to another. */
  *expiredIn(afterMs: number, untilMs: number): Iterable<string> {
    let place: Expiry = { atMs: afterMs, tokenId: '\uffff' }
    for (;;) {
      const page = this.#expiries.after(place, expiryPage)
      for (const expiry of page) {
        if (expiry.atMs > untilMs) return
        const token = this.#byId.get(expiry.tokenId)?.token
        if (token) yield token.integrationId
        place = expiry
      }
      if (page.length < expiryPage) return
    }
  }

  /** Tokens made or imported here that expired before `timeMs`, the first ones first. */
  endedBefore(timeMs: number, limit: number): AccessToken[] {
    const ended: AccessToken[] = []
    let place: Expiry = { atMs: Number.NEGATIVE_INFINITY, tokenId: '' }
    for (;;) {
      const page = this.#expiries.after(place, limit)
      for (const expiry of page) {
        if (ended.length === limit || expiry.atMs >= timeMs) return ended
        const token = this.#byId.get(expiry.tokenId)?.token
        // Of an authority's there is one grant for each integration and tenant, however many tokens prove it.
        if (token && !token.recognised) ended.push(token)
        place = expiry
      }
      if (page.length < limit) return ended
    }
  }

  #place({ integrationId, tenantId }: AccessToken, tokens: LiveToken[]): void {
    setInner(this.#byIntegration, integrationId, tenantId, tokens)
    setInner(this.#byTenant, tenantId, integrationId, tokens)
  }
}

export function isLive({ expiresAtMs }: LiveToken, nowMs: number): boolean {
  return expiresAtMs === null || nowMs < expiresAtMs
}

function setInner<A, B, T>(map: Map<A, Map<B, T[]>>, outer: A, inner: B, items: T[]): void {
  let within = map.get(outer)
  if (!within) {
    within = new Map()
    map.set(outer, within)
  }
  if (items.length > 0) within.set(inner, items)
  else within.delete(inner)
  if (within.size === 0) map.delete(outer)
}
