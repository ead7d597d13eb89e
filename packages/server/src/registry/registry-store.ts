import type { RegistryKind, RegistryRecords } from '../core/registry/registry.ts'

/** One record as stored. `value` null: it was deleted (a tombstone, so that other nodes hear of it). */
export type RegistryRecord = {
  [K in RegistryKind]: {
    readonly kind: K
    readonly id: string
    /** The registry's revision at which the record last changed. Grows by at least one with each commit. */
    readonly revision: number
    readonly value: RegistryRecords[K] | null
  }
}[RegistryKind]

export type RegistryWrite = {
  [K in RegistryKind]: {
    readonly kind: K
    readonly id: string
    readonly value: RegistryRecords[K] | null
    /** Applies only if the record's revision is still this one; 0: only if it does not exist; absent: always. */
    readonly ifRevision?: number
    /** Unique within its kind among live records (a token's hash, a client id). */
    readonly uniqueKey?: string
  }
}[RegistryKind]

export type RegistryCommit =
  | { readonly kind: 'committed'; readonly revision: number }
  /** `reason` `revision`: somebody else changed it meanwhile; `unique`: another record holds the unique key. */
  | { readonly kind: 'refused'; readonly index: number; readonly reason: 'revision' | 'unique' }

/** Some of what changed: whole commits, in their order. */
export interface RegistryPage {
  readonly records: readonly RegistryRecord[]
  /** Everything up to this revision was given; the next page comes after it. */
  readonly revision: number
  readonly hasMore: boolean
}

/**
 * Where tenants, integrations, tokens, keys, subscriptions and event types live.
 *
 * Guarantees: a commit is atomic and durable when it resolves; revisions order commits; every
 * record changed after a revision is found by `changesAfter` of it, read page by page. Nodes keep the whole registry
 * in memory (`Directory`) and follow its changes.
 */
export interface RegistryStore {
  commit(writes: readonly RegistryWrite[]): Promise<RegistryCommit>
  /**
   * Records as they are now, live ones and tombstones, with a revision above the one given, by revision; after 0, live
   * ones alone. A page has at most `limit` records (1 or more), or those of one commit that has more.
   */
  changesAfter(revision: number, limit: number): Promise<RegistryPage>
  /** A number never given before, growing: subscription numbers. */
  nextNumber(): Promise<number>
  /** Calls back after any commit, this node's or another's. Carries no data. */
  onChanged(wake: () => void): () => void
  close(): Promise<void>
}
