import { AppError } from '../core/errors.ts'
import type { VisibleTypes } from '../core/event/visible-types.ts'
import { type TenantId, tenantIdOfDigits } from '../core/ids/tenant-id.ts'
import type {
  ApiKey,
  CustomEventType,
  DeletedSubscription,
  DialectRecord,
  EndedGrant,
  EndedToken,
  Integration,
  RegistryKind,
  RegistryRecords,
  Resend,
  Session,
  SignInLink,
  Subscription,
  Tenant,
} from '../core/registry/registry.ts'
import { type Clock, systemClock } from '../core/time/clock.ts'
import { GrantTable, isLive, type LiveToken } from './grant-table.ts'
import { OwnedRecords } from './owned-records.ts'
import { RecognisedTokens } from './recognised-tokens.ts'
import { RecordTable } from './record-table.ts'
import type { RegistryRecord, RegistryStore } from './registry-store.ts'
import { TenantTree } from './tenant-tree.ts'

/** A record as it is now (`value` null: deleted) and as it was. */
export type DirectoryChange = {
  [K in RegistryKind]: Extract<RegistryRecord, { kind: K }> & { readonly previous: RegistryRecords[K] | null }
}[RegistryKind]

const retryMs = 1_000
/** Records read at once: what else the process has to do comes between two pages. */
const pageRecords = 10_000

/**
 * The whole registry in memory, for reading without waiting: it is asked for every event, every
 * attempt and every request. It follows a store: after a commit its own or another node's records
 * come in, all of a commit at once.
 */
export class Directory {
  readonly tenants = new TenantTree()
  readonly grants = new GrantTable()
  /** Not of the store: tokens of the application's own authority that this node knows to be good. */
  readonly recognised = new RecognisedTokens()
  readonly integrations = new RecordTable<Integration>(
    ({ id }) => id,
    ({ clientId }) => clientId,
  )
  readonly keys = new RecordTable<ApiKey>(
    ({ id }) => id,
    ({ hash }) => hash,
  )
  readonly subscriptions = new RecordTable<Subscription>(
    ({ id }) => id,
    ({ number }) => number,
  )
  readonly deletedSubscriptions = new RecordTable<DeletedSubscription>(
    ({ number }) => String(number),
    ({ number }) => number,
  )
  readonly eventTypes = new RecordTable<CustomEventType>(
    ({ type }) => type,
    ({ type }) => type,
  )
  readonly dialectRecords = new RecordTable<DialectRecord>(
    ({ id }) => id,
    ({ id }) => id,
  )
  readonly resends = new RecordTable<Resend>(
    ({ id }) => id,
    ({ id }) => id,
  )
  readonly endedGrants = new RecordTable<EndedGrant>(
    ({ id }) => id,
    ({ id }) => id,
  )
  readonly endedTokens = new RecordTable<EndedToken>(
    ({ id }) => id,
    ({ id }) => id,
  )
  readonly sessions = new RecordTable<Session>(
    ({ id }) => id,
    ({ id }) => id,
  )
  readonly signInLinks = new RecordTable<SignInLink>(
    ({ id }) => id,
    ({ hash }) => hash,
  )
  readonly #subscriptionsOf = new OwnedRecords<Subscription>()
  readonly #resendsOf = new OwnedRecords<Resend>()
  readonly #endedGrantsOf = new OwnedRecords<EndedGrant>()
  readonly #revisions = new Map<string, number>()
  readonly #listeners = new Set<(changes: readonly DirectoryChange[]) => void>()
  readonly #store: RegistryStore
  readonly #clock: Clock
  #revision = 0
  /** The latest reading, which never rejects. */
  #reading: Promise<void> = Promise.resolve()
  /** The reading after it, which serves everyone who asks before it begins. */
  #next: Promise<void> | undefined
  #isStopped = false
  #stopFollowing = () => {}
  #cancelRetry = () => {}

  private constructor(store: RegistryStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Loads everything and follows the store from there. */
  static async follow(store: RegistryStore, clock: Clock = systemClock): Promise<Directory> {
    const directory = new Directory(store, clock)
    directory.#stopFollowing = store.onChanged(() => directory.#wake())
    try {
      await directory.refresh()
      return directory
    } catch (error) {
      await directory.stop()
      throw error
    }
  }

  /** Stops following; resolves when the store is asked nothing more. What was read stays. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopFollowing()
    this.#cancelRetry()
    await this.#reading
  }

  /** Everything up to this revision of the registry is shown. */
  get revision(): number {
    return this.#revision
  }

  /**
   * Resolves when every commit that had resolved before the call is shown.
   * @throws AppError `shutting_down` after `stop`; what the store could not be read for
   */
  refresh(): Promise<void> {
    // A reading under way may have asked the store before that commit. One more reading serves all who
    // ask meanwhile: with one for each, they would queue up faster than the store can answer.
    this.#next ??= this.#reading.then(() => {
      this.#next = undefined
      const reading = this.#read()
      this.#reading = reading.catch(() => {})
      return reading
    })
    return this.#next
  }

  /** Resolves when this revision is shown. */
  async showing(revision: number): Promise<void> {
    await this.#reading
    while (this.#revision < revision) await this.refresh()
  }

  /** Calls back with what changed, in order, after it is shown. Returns its cancel. */
  onChanged(listener: (changes: readonly DirectoryChange[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The revision of a live record, for `ifRevision`; 0: there is none. */
  revisionOf(kind: RegistryKind, id: string): number {
    return this.#revisions.get(`${kind}/${id}`) ?? 0
  }

  tenant(id: TenantId): Tenant | undefined {
    return this.tenants.get(id)
  }

  /** The access token with this hash, wherever it was made. It may have expired. */
  tokenWithHash(hash: string): LiveToken | undefined {
    return this.grants.withHash(hash) ?? this.recognised.withHash(hash)
  }

  tokenWithId(id: string): LiveToken | undefined {
    return this.grants.get(id) ?? this.recognised.get(id)
  }

  /** The access token if it is good now: it has not expired, and neither its tenant nor its integration is gone. */
  liveTokenWithId(id: string, nowMs: number): LiveToken | undefined {
    return this.#ifGood(this.tokenWithId(id), nowMs)
  }

  /** The same of the token with this hash. */
  liveTokenWithHash(hash: string, nowMs: number): LiveToken | undefined {
    return this.#ifGood(this.tokenWithHash(hash), nowMs)
  }

  /** The access token, though it may have expired; undefined: it, its tenant or its integration is gone. */
  heldToken(id: string): LiveToken | undefined {
    return this.#ifHeld(this.tokenWithId(id))
  }

  #ifGood(live: LiveToken | undefined, nowMs: number): LiveToken | undefined {
    return live && isLive(live, nowMs) ? this.#ifHeld(live) : undefined
  }

  #ifHeld(live: LiveToken | undefined): LiveToken | undefined {
    if (!live || !this.integrations.get(live.token.integrationId)) return undefined
    return this.tenant(live.token.tenantId) && live
  }

  isWithin(tenantId: TenantId, rootId: TenantId): boolean {
    return this.tenants.isWithin(tenantId, rootId)
  }

  descendants(tenantId: TenantId): Iterable<TenantId> {
    return this.tenants.descendants(tenantId)
  }

  subscriptionsOf(integrationId: string): Iterable<Subscription> {
    return this.#subscriptionsOf.of(integrationId)
  }

  resendsOf(integrationId: string): Iterable<Resend> {
    return this.#resendsOf.of(integrationId)
  }

  /** Grants of the integration that were ended before their time, some weeks back. */
  endedGrantsOf(integrationId: string): Iterable<EndedGrant> {
    return this.#endedGrantsOf.of(integrationId)
  }

  /** By id, which is by creation. */
  dialectRecordsOf(integrationId: string, dialect: string): DialectRecord[] {
    return this.dialectRecords
      .page(undefined, this.dialectRecords.size)
      .filter((record) => record.integrationId === integrationId && record.dialect === dialect)
  }

  /** Subscriptions by id, from after the one given; of one integration when it is given. */
  subscriptionPage(integrationId: string | undefined, after: string | undefined, limit: number): Subscription[] {
    return integrationId === undefined
      ? this.subscriptions.page(after, limit)
      : this.#subscriptionsOf.page(integrationId, after, limit)
  }

  /** The same of bulk resends. */
  resendPage(integrationId: string | undefined, after: string | undefined, limit: number): Resend[] {
    return integrationId === undefined
      ? this.resends.page(after, limit)
      : this.#resendsOf.page(integrationId, after, limit)
  }

  /** What the integration's live tokens of this very tenant show; undefined: nothing is granted. */
  grantOf(integrationId: string, tenantId: TenantId, nowMs: number): VisibleTypes | undefined {
    return this.grants.direct(integrationId, tenantId, nowMs)
  }

  /** The same by tokens of the tenant or any of its ancestors, for those who ask for a subtree. */
  grantOfSubtree(integrationId: string, tenantId: TenantId, nowMs: number): VisibleTypes | undefined {
    return this.grants.any(integrationId, this.tenants.lineage(tenantId), nowMs)
  }

  grantedTenants(integrationId: string, nowMs: number): Iterable<TenantId> {
    return this.grants.tenantsOf(integrationId, nowMs)
  }

  grantedTenantsWithDescendants(integrationId: string, nowMs: number): ReadonlySet<TenantId> {
    const all = new Set<TenantId>()
    for (const tenantId of this.grants.tenantsOf(integrationId, nowMs)) {
      all.add(tenantId)
      for (const descendant of this.tenants.descendants(tenantId)) all.add(descendant)
    }
    return all
  }

  /** When the next token expires; null: none will. */
  nextExpiryMs(nowMs: number): number | null {
    return this.grants.nextExpiryMs(nowMs)
  }

  #wake(): void {
    this.refresh().catch(() => {
      if (this.#isStopped) return
      // The store cannot be read for now; no wake-up may follow, so it is asked again by the clock.
      this.#cancelRetry()
      this.#cancelRetry = this.#clock.schedule(retryMs, () => this.#wake())
    })
  }

  async #read(): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      if (this.#isStopped) throw new AppError('shutting_down', 'the registry is not followed any more')
      const page = await this.#store.changesAfter(this.#revision, pageRecords)
      const changes = page.records.map((record) => this.#apply(record))
      this.#revision = Math.max(this.#revision, page.revision)
      hasMore = page.hasMore
      if (changes.length > 0) for (const listener of this.#listeners) listener(changes)
    }
  }

  #apply(record: RegistryRecord): DirectoryChange {
    const name = `${record.kind}/${record.id}`
    if (record.value === null) this.#revisions.delete(name)
    else this.#revisions.set(name, record.revision)
    switch (record.kind) {
      case 'tenant': {
        const id = tenantIdOfDigits(record.id)!
        const previous = this.tenants.get(id) ?? null
        if (record.value) this.tenants.put(record.value)
        else this.tenants.delete(id)
        return { ...record, previous }
      }
      case 'token': {
        const previous = this.grants.get(record.id)?.token ?? null
        if (record.value) this.grants.put(record.value)
        else this.grants.delete(record.id)
        return { ...record, previous }
      }
      case 'subscription': {
        const previous = change(this.subscriptions, record)
        if (previous) this.#subscriptionsOf.delete(previous)
        if (record.value) this.#subscriptionsOf.put(record.value)
        return { ...record, previous }
      }
      case 'integration':
        return { ...record, previous: change(this.integrations, record) }
      case 'key':
        return { ...record, previous: change(this.keys, record) }
      case 'deletedSubscription':
        return { ...record, previous: change(this.deletedSubscriptions, record) }
      case 'eventType':
        return { ...record, previous: change(this.eventTypes, record) }
      case 'dialectRecord':
        return { ...record, previous: change(this.dialectRecords, record) }
      case 'endedGrant': {
        const previous = change(this.endedGrants, record)
        if (previous) this.#endedGrantsOf.delete(previous)
        if (record.value) this.#endedGrantsOf.put(record.value)
        return { ...record, previous }
      }
      case 'endedToken':
        return { ...record, previous: change(this.endedTokens, record) }
      case 'session':
        return { ...record, previous: change(this.sessions, record) }
      case 'signInLink':
        return { ...record, previous: change(this.signInLinks, record) }
      case 'resend': {
        const previous = change(this.resends, record)
        if (previous) this.#resendsOf.delete(previous)
        if (record.value) this.#resendsOf.put(record.value)
        return { ...record, previous }
      }
      default:
        return record satisfies never
    }
  }
}

function change<T>(table: RecordTable<T>, { id, value }: { id: string; value: T | null }): T | null {
  const previous = table.get(id) ?? null
  if (value) table.put(value)
  else table.delete(id)
  return previous
}
