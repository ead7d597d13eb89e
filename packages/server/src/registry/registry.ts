import { randomBytes } from 'node:crypto'
import { hashSecret, keyRandomBytes, makeKey, type SecretKind } from '../core/credential/key.ts'
import { AppError } from '../core/errors.ts'
import { type IdPrefix, idRandomBytes, newId } from '../core/ids/id.ts'
import { tenantIdOfDigits } from '../core/ids/tenant-id.ts'
import type { RegistryKind } from '../core/registry/registry.ts'
import { type Clock, systemClock } from '../core/time/clock.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import { type Belonging, belongingOf, recordOf } from './belonging.ts'
import { deletionsOf } from './deletion-writes.ts'
import type { Directory } from './directory.ts'
import type { RegistryCommit, RegistryStore, RegistryWrite } from './registry-store.ts'

/** The result of a change: the writes, and the answer to give once they are committed. */
export interface Decision<T> {
  readonly writes: readonly RegistryWrite[]
  readonly result: T
}

/** What a commit changed. */
export interface RegistryChange {
  readonly kind: RegistryKind
  readonly id: string
  readonly action: 'created' | 'changed' | 'deleted'
  /** The integration and the tenant that it is about. */
  readonly belongsTo: Belonging
}

const mostTries = 5

/** The registry as it is changed: whatever was committed here, the directory shows when the promise resolves. */
export class Registry {
  readonly directory: Directory
  readonly #store: RegistryStore
  readonly #clock: Clock
  readonly #peppers: readonly [Uint8Array, ...Uint8Array[]]
  readonly #random: (bytes: number) => Uint8Array
  #lastChange: Promise<unknown> = Promise.resolve()
  #committed: (changes: readonly RegistryChange[]) => Promise<void> = async () => {}

  constructor(parts: {
    readonly store: RegistryStore
    readonly directory: Directory
    /** Of `loadServerKeys`. */
    readonly peppers: readonly [Uint8Array, ...Uint8Array[]]
    readonly clock?: Clock
    readonly random?: (bytes: number) => Uint8Array
  }) {
    this.directory = parts.directory
    this.#store = parts.store
    this.#peppers = parts.peppers
    this.#clock = parts.clock ?? systemClock
    this.#random = parts.random ?? randomBytes
  }

  async commit(writes: readonly RegistryWrite[]): Promise<RegistryCommit> {
    const changes = writes.flatMap((write) => this.#changeOf(write))
    const commit = await this.#store.commit([...writes, ...deletionsOf(writes, this.directory, this.now())])
    if (commit.kind === 'committed') {
      // Before it is shown, which may fail: it is done all the same.
      await this.#committed(changes)
      await this.directory.showing(commit.revision)
    }
    // Somebody else's change is what the caller has to see before it tries again.
    else await this.directory.refresh()
    return commit
  }

  /** Tells one listener, in the context of the call, what each commit changed; the call waits for it. */
  onCommitted(listener: (changes: readonly RegistryChange[]) => Promise<void>): void {
    this.#committed = listener
  }

  #changeOf({ kind, id, value }: RegistryWrite): RegistryChange[] {
    const { directory } = this
    // Parts of the end of a grant, and of a deletion, which are told.
    if (kind === 'endedToken' || kind === 'endedGrant' || kind === 'deletedSubscription') return []
    // Written as it is, only to guard against another node's change.
    if (kind === 'tenant' && value !== null && value === directory.tenant(tenantIdOfDigits(id)!)) return []
    if (kind === 'integration' && value !== null && value === directory.integrations.get(id)) return []
    const action = value === null ? 'deleted' : directory.revisionOf(kind, id) === 0 ? 'created' : 'changed'
    return [{ kind, id, action, belongsTo: belongingOf(kind, id, value ?? recordOf(directory, kind, id)) }]
  }

  /**
   * Decides over the directory and commits, one change at a time. A decision that another node
   * overtook is made again; it throws an `AppError` to refuse.
   *
   * @throws AppError `conflict` when it is overtaken again and again.
   */
  change<T>(decide: (directory: Directory) => Decision<T> | Promise<Decision<T>>): Promise<T> {
    const change = this.#lastChange.then(() => this.#change(decide))
    this.#lastChange = change.catch(() => {})
    return change
  }

  async #change<T>(decide: (directory: Directory) => Decision<T> | Promise<Decision<T>>): Promise<T> {
    for (let tries = 0; tries < mostTries; tries++) {
      const { writes, result } = await decide(this.directory)
      if (writes.length === 0) return result
      const commit = await this.commit(writes)
      if (commit.kind === 'committed') return result
    }
    throw new AppError(
      'conflict',
      'Someone else changed this at the same time. Read it again and repeat your change.',
      { retryAfterSeconds: 1 },
    )
  }

  /** A subscription number that was never given before. */
  nextNumber(): Promise<number> {
    return this.#store.nextNumber()
  }

  nowMs(): number {
    return this.#clock.now()
  }

  /** RFC 3339. */
  now(): string {
    return formatRfc3339(this.#clock.now())
  }

  newId(prefix: IdPrefix): string {
    return newId(prefix, this.#clock.now(), this.#random(idRandomBytes))
  }

  newKey(kind: SecretKind): string {
    return makeKey(kind, this.#random(keyRandomBytes))
  }

  /** How a secret is kept. */
  hash(text: string): string {
    return hashSecret(text, this.#peppers[0])
  }

  /** Every way in which a secret may have been kept: one for each master key that the server knows. */
  hashes(text: string): readonly string[] {
    return this.#peppers.map((pepper) => hashSecret(text, pepper))
  }
}
