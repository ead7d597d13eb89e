import { AppError } from '../core/errors.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { onlyPartition } from '../core/event/partition.ts'
import { timeOfId } from '../core/ids/id.ts'
import { decodeOffset } from '../core/ids/offset.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { AskerGate } from '../core/limit/asker-gate.ts'
import type { EventLog } from '../log/event-log.ts'
import { EventSearch } from '../log/event-search.ts'
import { firstAfter } from '../log/look-up.ts'
import type { Grants } from '../match/grants.ts'
import { isVisible, type Viewer } from '../match/visibility.ts'

/** Tenants that a publisher's id is looked for under; with more of them the tenant has to be named (invariant 8). */
const mostTenants = 20_000
/**
 * A look-up may ask the writer of the log about many tenants, or read thousands of events, and all wait for the same
 * writer (invariant 8): an integration that asks without end waits for itself.
 */
const gateBounds = { mostAtOnce: 4, mostWaiting: 200 }

export type FoundEvent =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  /** Its place is known, and retention has passed it. */
  | { readonly kind: 'expired' }

export interface ViewerTenants {
  /** Whose events the viewer may see. */
  tenantsOf(viewer: Viewer): Iterable<TenantId>
}

export interface EventLookUpDeps {
  readonly log: EventLog
  readonly grants: Pick<Grants, 'direct' | 'ofToken'>
  readonly tenants: ViewerTenants
}

/** Finds one event by what somebody calls it: the publisher's id, Tidings' own, or `topic:offset`. */
export class EventLookUp {
  readonly #deps: EventLookUpDeps
  readonly #search: EventSearch
  readonly #gate = new AskerGate(gateBounds)

  constructor(deps: EventLookUpDeps) {
    this.#deps = deps
    this.#search = new EventSearch(deps.log, onlyPartition)
  }

  /**
   * @param tenantId of the event, where two tenants use one id
   * @throws AppError `not_found` for what does not exist and for what the viewer may not see alike;
   * `malformed_request` naming `tenant` where only the tenant tells which event is meant;
   * `overloaded` when too many wait
   */
  async find(reference: string, viewer: Viewer, tenantId?: TenantId): Promise<FoundEvent> {
    const found = await this.#gate.run(askerOf(viewer), () => this.#find(reference, viewer, tenantId))
    if (found) return found
    throw new AppError('overloaded', 'Too many events are being looked up. Try again in a few seconds.', {
      retryAfterSeconds: 1,
    })
  }

  async #find(reference: string, viewer: Viewer, tenantId: TenantId | undefined): Promise<FoundEvent> {
    const { grants, log } = this.#deps
    await log.refresh()
    const isMeant = (event: StoredEvent) =>
      isVisible(viewer, event, grants) && (tenantId === undefined || tenantId === event.tenantId)
    const placed = await this.#atOffset(reference)
    if (placed === 'expired') return { kind: 'expired' }
    if (placed && isMeant(placed)) return { kind: 'event', event: placed }
    const events = (await this.#withId(reference, viewer, tenantId)).filter(isMeant)
    const [event, another] = events
    if (another) throw ambiguous(events)
    if (event) return { kind: 'event', event }
    if (await this.#isOlderThanLog(reference)) return { kind: 'expired' }
    throw notFound()
  }

  /** `topic:offset`. Offsets carry a check, so an id of a publisher with a colon is not taken for one. */
  async #atOffset(reference: string): Promise<StoredEvent | 'expired' | undefined> {
    const { log } = this.#deps
    const at = reference.lastIndexOf(':')
    const topic = reference.slice(0, Math.max(0, at))
    const decoded = decodeOffset(reference.slice(at + 1), { epoch: log.epoch, topic })
    if (decoded.kind !== 'position' || decoded.position === 0) return undefined
    const { earliest, latest } = log.bounds(onlyPartition)
    if (decoded.position <= earliest) return 'expired'
    if (decoded.position > latest) return undefined
    const [event] = await this.#at([decoded.position])
    if (event) return event.topic === topic ? event : undefined
    return (await this.#isDropped((first) => decoded.position < first.position)) ? 'expired' : undefined
  }

  /** Whether something that stood before the first event that is kept is gone; what stands after it never was there. */
  async #isDropped(isBefore: (first: StoredEvent) => boolean): Promise<boolean> {
    const { log } = this.#deps
    const first = await firstAfter(log, onlyPartition, 0)
    // Asked for after the reading: what is gone is gone from the disk a moment before the bounds say so.
    const hasDropped = log.bounds(onlyPartition).earliest > 0
    return hasDropped && (first === undefined || isBefore(first))
  }

  async #withId(id: string, viewer: Viewer, tenantId: TenantId | undefined): Promise<readonly StoredEvent[]> {
    const { log } = this.#deps
    const places = await log.placesOf(id, tenantId === undefined ? this.#tenantsOf(viewer) : [tenantId])
    const published = await this.#at(places.map(({ position }) => position))
    if (published.length > 0) return published
    const isOwn = timeOfId('evt', id) !== undefined
    // Of a tenant that was not created yet nobody but the application knows.
    const found = isOwn
      ? await this.#search.byOwnId(id)
      : viewer.sees === 'everything' && tenantId === undefined
        ? await this.#search.amongNewest(id)
        : undefined
    return found ? [found] : []
  }

  #tenantsOf(viewer: Viewer): readonly TenantId[] {
    const tenantIds: TenantId[] = []
    for (const tenantId of this.#deps.tenants.tenantsOf(viewer)) {
      if (tenantIds.length === mostTenants) throw tooMany()
      tenantIds.push(tenantId)
    }
    return tenantIds
  }

  /** An id that Tidings made before the oldest event that is kept was appended. */
  async #isOlderThanLog(id: string): Promise<boolean> {
    const madeAtMs = timeOfId('evt', id)
    return madeAtMs !== undefined && this.#isDropped((first) => madeAtMs < first.appendedAtMs)
  }

  #at(positions: readonly number[]): Promise<readonly StoredEvent[]> {
    return this.#deps.log.readAt(onlyPartition, positions)
  }
}

function askerOf(viewer: Viewer): string {
  return 'integrationId' in viewer ? viewer.integrationId : 'the application'
}

function notFound(): AppError {
  return new AppError(
    'not_found',
    'There is no such event: give the id that it was published with, the id that Tidings gave it, or topic:offset.',
  )
}

function ambiguous(events: readonly StoredEvent[]): AppError {
  const tenants = events.slice(0, 10).map(({ tenantId }) => tenantId)
  return tenantNeeded(`Several tenants use this id (${tenants.join(', ')}). Say which one with \`tenant\`.`)
}

function tooMany(): AppError {
  return tenantNeeded(
    `There are more than ${mostTenants} tenants to look under. Say whose event it is with \`tenant\`.`,
  )
}

function tenantNeeded(detail: string): AppError {
  return new AppError('malformed_request', detail, { errors: [{ pointer: '/tenant', code: 'required', detail }] })
}
