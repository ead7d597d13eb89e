import type { Caller } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { nativeEventText } from '../core/event/event-fields.ts'
import { compilePatterns, isEventPattern } from '../core/event/event-type-pattern.ts'
import { onlyPartition } from '../core/event/partition.ts'
import { parseFilter } from '../core/filter/filter.ts'
import { type DecodedOffset, decodeOffset } from '../core/ids/offset.ts'
import { type TenantId, tenantIdOfDigits } from '../core/ids/tenant-id.ts'
import { parseRfc3339 } from '../core/time/time.ts'
import type { EventLog } from '../log/event-log.ts'
import type { Grants } from '../match/grants.ts'
import { isVisible, type Viewer } from '../match/visibility.ts'
import type { EventView } from '../stream/event-view.ts'

/** What both reading routes take beside their place in the log. */
export interface ReadQuery {
  readonly types?: string
  readonly tenants?: string
  readonly filter?: string
}

export function viewFor(caller: Caller, query: ReadQuery, grants: Grants): EventView {
  const viewer = viewerOf(caller)
  return { mayShow: (event) => isVisible(viewer, event, grants), wants: wantedBy(query) }
}

/** Operators and publishers see all; an integration what it was granted; whoever brings a token what that shows. */
export function viewerOf(caller: Caller): Viewer {
  switch (caller.kind) {
    case 'operator':
    case 'publisher':
      return { sees: 'everything' }
    case 'integrator': {
      const { integrationId, tenantId, token } = caller
      if (tenantId === null || token === null) return { sees: 'granted', integrationId, tenantId }
      return { sees: 'by-token', integrationId, tenantId, tokenId: token.id }
    }
    case 'portal':
      return { sees: 'nothing' }
    default:
      return caller satisfies never
  }
}

function wantedBy(query: ReadQuery): (event: StoredEvent) => boolean {
  const conditions: ((event: StoredEvent) => boolean)[] = []
  if (query.types !== undefined) {
    const patterns = query.types.split(',')
    const bad = patterns.find((pattern) => !isEventPattern(pattern))
    if (bad !== undefined) throw badQuery('types', 'Give event patterns, as `invoice.*,customer.updated`.')
    const wantsType = compilePatterns(patterns)
    conditions.push((event) => wantsType(event.type))
  }
  if (query.tenants !== undefined) {
    const tenants = new Set(tenantIdsIn(query.tenants))
    conditions.push((event) => tenants.has(event.tenantId))
  }
  if (query.filter !== undefined) {
    const parsed = parseFilter(query.filter)
    if (!parsed.ok) {
      throw new AppError('malformed_request', 'The filter has faults.', {
        errors: parsed.errors.map((error) => ({ ...error, pointer: `/filter${error.pointer}` })),
      })
    }
    conditions.push(parsed.filter)
  }
  return (event) => conditions.every((holds) => holds(event))
}

/** @throws AppError `malformed_request` */
export function tenantIdsIn(list: string): TenantId[] {
  return list.split(',').map((digits) => {
    const id = tenantIdOfDigits(digits)
    if (id === undefined) throw badQuery('tenants', 'Give tenant ids, as `29302,29303`.')
    return id
  })
}

/** @throws AppError `malformed_request` */
export function tenantIn(digits: string | undefined): TenantId | undefined {
  if (digits === undefined) return undefined
  const id = tenantIdOfDigits(digits)
  if (id === undefined) throw badQuery('tenant', 'Give a tenant id, as `29302`.')
  return id
}

/** Epoch milliseconds. @throws AppError `malformed_request` */
export function timeIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = parseRfc3339(text)
  if (!time) throw badQuery(name, 'The time must be RFC 3339, as 2026-01-31T12:00:00Z.')
  return time.epochMs
}

export function badQuery(name: string, detail: string): AppError {
  return new AppError('malformed_request', detail, { errors: [{ pointer: `/${name}`, code: 'invalid', detail }] })
}

export interface OffsetPlace {
  readonly position: number
  /** It was older than what is kept, and was moved to the earliest. */
  readonly isClamped: boolean
}

/** @throws AppError `invalid_offset`, by name: mistyped, of another topic, of a lost log, or beyond the end. */
export function placeOf(token: string, topic: string, log: EventLog, topics: readonly string[]): OffsetPlace {
  const decoded = decodeOffset(token, { epoch: log.epoch, topic, knownTopics: topics })
  if (decoded.kind !== 'position') throw new AppError('invalid_offset', offsetFault[decoded.kind])
  const { earliest, latest } = log.bounds(onlyPartition)
  if (decoded.position > latest) {
    throw new AppError('invalid_offset', 'The offset lies beyond the end of the log, so this server did not issue it.')
  }
  return decoded.position < earliest
    ? { position: earliest, isClamped: true }
    : { position: decoded.position, isClamped: false }
}

const offsetFault: Record<Exclude<DecodedOffset['kind'], 'position'>, string> = {
  malformed: 'The offset is mistyped or cut off. Send it back exactly as you received it.',
  'other-topic': 'The offset belongs to another topic.',
  'other-log': 'The offset belongs to a log that no longer exists. Start from the earliest offset, or without one.',
}

/** The native text of an event, made once for all readers. */
const texts = new WeakMap<StoredEvent, string>()
export function nativeText(event: StoredEvent, offset: string): string {
  let text = texts.get(event)
  if (text === undefined) {
    text = nativeEventText(event, { offset })
    texts.set(event, text)
  }
  return text
}
