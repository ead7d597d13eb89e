import { everyType, type VisibleTypes } from '../../core/visible-types.ts'
import type { AccessChange, StreamAuthority, TokenCheck, TokenGrant } from '../../stream/authority.ts'

/** Tokens, tenants and their tree, to be changed by hand. The client secret is `secret`. */
export class TestAuthority implements StreamAuthority {
  readonly tokens = new Map<string, TokenGrant>()
  readonly children = new Map<number, number[]>()
  /** Set: a check waits for it. */
  gate: Promise<void> | undefined
  readonly #listeners = new Set<(change: AccessChange) => void>()
  #onChecked: () => void = () => {}

  grant(token: string, tenantId: number, more: Partial<TokenGrant> = {}): void {
    const tokenId = `tok_${token}`
    this.tokens.set(token, { tokenId, integrationId: 'int_1', tenantId, types: everyType, expiresAtMs: null, ...more })
  }

  revoke(token: string): void {
    this.tokens.delete(token)
    this.#tell({ tokenIds: [`tok_${token}`], tenantIds: [] })
  }

  /** From now on the token shows these types. */
  show(token: string, types: VisibleTypes): void {
    this.tokens.set(token, { ...this.tokens.get(token)!, types })
    this.#tell({ tokenIds: [`tok_${token}`], tenantIds: [] })
  }

  setChildren(tenantId: number, children: number[]): void {
    this.children.set(tenantId, children)
    this.#tell({ tokenIds: [], tenantIds: [tenantId, ...this.#above(tenantId)] })
  }

  *#above(tenantId: number): Iterable<number> {
    for (const [parent, children] of this.children) {
      if (!children.includes(tenantId)) continue
      yield parent
      yield* this.#above(parent)
    }
  }

  #tell(change: AccessChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  /** Resolves when tokens have been checked again. */
  nextCheck(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChecked = resolve
    })
  }

  async checkTokens(clientSecret: string, tokens: readonly string[], nowMs: number): Promise<TokenCheck> {
    await this.gate
    this.#onChecked()
    const isGood = (token: string) => {
      const grant = this.tokens.get(token)
      return clientSecret === 'secret' && grant !== undefined && (grant.expiresAtMs ?? nowMs + 1) > nowMs
    }
    const invalidTokens = new Set(tokens.filter((token) => !isGood(token)))
    if (invalidTokens.size > 0) return { kind: 'refused', invalidTokens }
    return { kind: 'granted', grants: tokens.map((token) => this.tokens.get(token)!) }
  }

  descendants(tenantId: number): number[] {
    const children = this.children.get(tenantId) ?? []
    return children.flatMap((child) => [child, ...this.descendants(child)])
  }

  grantOf(tokenId: string): TokenGrant | undefined {
    return [...this.tokens.values()].find((grant) => grant.tokenId === tokenId)
  }

  onChanged(listener: (change: AccessChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
