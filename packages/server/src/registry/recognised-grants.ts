import { AsyncLocalStorage } from 'node:async_hooks'
import type { AccessToken } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { Authority } from './authority.ts'
import type { Directory } from './directory.ts'
import { dropTokens } from './ended-grants.ts'
import { isTokenEnded } from './ended-tokens.ts'
import type { KnownToken, KnownTokens } from './known-tokens.ts'
import { type GrantProof, provenGrant } from './recognised-grant.ts'
import type { Registry } from './registry.ts'
import type { RegistryWrite } from './registry-store.ts'
import type { Sealer } from './sealer.ts'
import { guardRecord, putRecord } from './writes.ts'

export interface RecognisedGrantsDeps {
  readonly authorities: readonly Authority[]
  readonly registry: Registry
  readonly sealer: Sealer
  readonly clock: { now(): number }
  readonly known: KnownTokens
}

/**
 * The grants that known tokens prove, as they stand in the registry. Those that change at the same time are
 * written in one commit: a client that brings a thousand tokens at once does not wait for a thousand syncs.
 */
export class RecognisedGrants {
  readonly #deps: RecognisedGrantsDeps
  readonly #unsettled = new Set<string>()
  readonly #revoked = new Set<string>()
  readonly #dropping = new Set<string>()
  /** A round writes what many requests brought: it is none of theirs to answer for. */
  readonly #onNobodysBehalf = AsyncLocalStorage.snapshot()
  #lastRound: Promise<unknown> = Promise.resolve()
  #nextRound: Promise<void> | null = null

  constructor(deps: RecognisedGrantsDeps) {
    this.#deps = deps
  }

  /** The last known token of the grant was ended by its authority: unless another proves it, so is the grant. */
  revoke(grantId: string): void {
    this.#revoked.add(grantId)
  }

  /** Resolves when the grant is durable as the known tokens prove it now. */
  settle(grantId: string): Promise<void> {
    this.#unsettled.add(grantId)
    if (!this.#nextRound) {
      const round = this.#onNobodysBehalf(() => this.#lastRound.then(() => this.#settleAll()))
      this.#nextRound = round
      this.#lastRound = round.catch(() => {})
    }
    return this.#nextRound
  }

  /** Settles what could not be written. */
  async retry(): Promise<void> {
    const [first] = this.#unsettled
    if (first !== undefined && !this.#nextRound) await this.settle(first)
  }

  async settled(): Promise<void> {
    await this.#lastRound
  }

  /** Whether its deletion is this class's own doing. */
  isDropping(grantId: string): boolean {
    return this.#dropping.has(grantId)
  }

  async drop(grants: readonly AccessToken[]): Promise<void> {
    if (grants.length === 0) return
    for (const { id } of grants) this.#dropping.add(id)
    await this.#deps.registry
      .change((directory) => ({
        writes: dropTokens(
          directory,
          grants.filter(({ id }) => directory.grants.get(id)).map((token) => ({ token })),
          this.#deps.registry.now(),
        ),
        result: undefined,
      }))
      .finally(() => {
        for (const { id } of grants) this.#dropping.delete(id)
      })
  }

  async #settleAll(): Promise<void> {
    this.#nextRound = null
    const grantIds = [...this.#unsettled]
    this.#unsettled.clear()
    try {
      await this.#deps.registry.change((directory) => ({
        writes: onceEach(grantIds.flatMap((id) => this.#writesOf(id, directory))),
        result: undefined,
      }))
      for (const id of grantIds) if (!this.#deps.known.ofGrant(id).length) this.#revoked.delete(id)
    } catch (error) {
      for (const id of grantIds) this.#unsettled.add(id)
      throw error
    } finally {
      for (const id of grantIds) this.#dropping.delete(id)
    }
  }

  #writesOf(grantId: string, directory: Directory): RegistryWrite[] {
    const { known, clock, authorities, registry } = this.#deps
    const stored = directory.grants.get(grantId)?.token
    // The operator may have ended the grant while a token of it was asked about.
    for (const each of known.ofGrant(grantId)) if (isTokenEnded(directory, each.names)) known.remove(each)
    const [first, ...others] = known.ofGrant(grantId)
    if (first) {
      this.#revoked.delete(grantId)
      return this.#proven([first, ...others], stored, directory)
    }
    if (!stored) return []
    const revision = directory.revisionOf('token', grantId)
    if (this.#revoked.has(grantId)) {
      this.#dropping.add(grantId)
      return dropTokens(directory, [{ token: stored, ifRevision: revision }], registry.now())
    }
    if (stored.expiresAt !== null) return []
    // Nobody said when it ends, and nobody can be asked any more.
    const lastsMs = authorities.find(({ name }) => name === stored.recognised?.authority)?.grantLastsMs ?? 0
    return [putRecord('token', { ...stored, expiresAt: formatRfc3339(clock.now() + lastsMs) }, revision)]
  }

  #proven(
    proving: readonly [KnownToken, ...KnownToken[]],
    stored: AccessToken | undefined,
    directory: Directory,
  ): RegistryWrite[] {
    const { registry, sealer } = this.#deps
    const { parties, authority, grantId } = proving[0]
    const tenant = directory.tenant(parties.tenantId)
    const integration = directory.integrations.get(parties.integrationId)
    if (!tenant || !integration) {
      for (const known of proving) this.#deps.known.remove(known)
      return []
    }
    const proofs = proving.map(({ live: { token, expiresAtMs }, names }): GrantProof => {
      return { tokenId: token.id, names: names.kept, types: token.types, expiresAtMs }
    })
    const nowText = registry.now()
    const record = provenGrant(parties, proofs as [GrantProof, ...GrantProof[]], {
      lastsMs: authority.grantLastsMs,
      sealedToken: sealer.seal(proving.at(-1)!.text, grantId),
      createdAt: stored?.createdAt ?? nowText,
      earlier: (stored?.recognised?.proofs ?? []).filter(({ expiresAt }) => expiresAt === null || expiresAt > nowText),
    })
    if (stored && isCovered(record, stored)) return []
    if (stored) return [putRecord('token', record, directory.revisionOf('token', grantId))]
    return [
      guardRecord('integration', integration, directory),
      guardRecord('tenant', tenant, directory),
      putRecord('token', record, 0),
    ]
  }
}

/** The stored grant already says the same. The sealed token is not compared, because sealing gives another text each time. */
function isCovered(record: AccessToken, stored: AccessToken): boolean {
  return (
    JSON.stringify(record.types) === JSON.stringify(stored.types) &&
    record.expiresAt === stored.expiresAt &&
    record.recognised!.tokenId === stored.recognised?.tokenId &&
    record.recognised!.tokenExpiresAt === stored.recognised?.tokenExpiresAt &&
    namesOf(record) === namesOf(stored)
  )
}

function namesOf({ recognised }: AccessToken): string {
  return JSON.stringify(recognised?.proofs)
}

/** Grants of one integration guard the same record: a commit that wrote it twice would be overtaken by itself. */
function onceEach(writes: readonly RegistryWrite[]): RegistryWrite[] {
  return [...new Map(writes.map((write) => [`${write.kind} ${write.id}`, write])).values()]
}
