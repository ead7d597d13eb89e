import { AppError, type FieldError } from '../core/errors.ts'
import type { NewEvent } from '../core/event/event.ts'
import { type EventTypeRules, type ReadEventResult, readEvent } from '../core/event/event-input.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { JsonNode } from '../core/json/json.ts'
import type { Clock } from '../core/time/clock.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { AppendResult, EventLog } from '../log/event-log.ts'
import { readRequest, readSingle } from './read-request.ts'

/** Bytes of one request whose events are all taken or none. */
export const maxRequestBytes = 16 * 1024 * 1024
export interface PublishedEvent {
  readonly id: string
  readonly topic: string
  readonly offset: string
  readonly duplicate: boolean
  /** False: no such tenant has been created yet. Absent: there is one. */
  readonly tenantKnown?: false
}

/** The types that may be published. */
export interface PublishableTypes {
  typeOf(type: string): EventTypeRules | undefined
}

/** Whether tenants have been created, and what was taken for those that have not. */
export interface PublishingTenants {
  isKnown(tenantId: TenantId): boolean
  /** An event of an unknown tenant was appended. */
  note(tenantId: TenantId): void
}

export interface Offsets {
  offsetOf(place: { readonly topic: string; readonly position: number }): string
}

export interface PublisherParts {
  readonly log: EventLog
  readonly types: PublishableTypes
  readonly tenants: PublishingTenants
  readonly offsets: Offsets
  readonly clock: Pick<Clock, 'now'>
  readonly newId: () => string
  /** Events of unknown tenants are refused. */
  readonly isStrict: boolean
  readonly observe: (outcome: { events: number; duplicates: number; refused: number }) => void
}

/** Step one of the data path: authenticate came before, then validate, deduplicate, append. It answers when all is durable. */
export class Publisher {
  readonly #parts: PublisherParts

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  /**
   * Publishes one event or an array, in order, all or nothing.
   * @throws AppError `invalid_json`, `invalid_event` (every fault of the request), `id_reused`,
   * `payload_too_large`, `overloaded`, `storage_unavailable`
   */
  async publish(text: string): Promise<readonly PublishedEvent[]> {
    const nowText = this.#nowText()
    const { events, errors, count, pointerTo } = await readRequest(text, (node, pointer) =>
      this.#read(node, pointer, nowText),
    )
    if (errors.length > 0) {
      this.#parts.observe({ events: 0, duplicates: 0, refused: count })
      throw new AppError(
        'invalid_event',
        'Nothing was published. Fix the problems listed in `errors` and send the request again.',
        {
          errors,
        },
      )
    }
    if (events.length === 0) return []
    const result = await this.#parts.log.append(events)
    if (result.kind === 'id-reused') {
      this.#parts.observe({ events: 0, duplicates: 0, refused: events.length })
      throw new AppError(
        'id_reused',
        'Nothing was published: one of the ids was already used for a different event of the same tenant. Give each event its own id.',
        { errors: result.indexes.map((index) => reusedId(pointerTo(index))) },
      )
    }
    return this.published(events, result)
  }

  /** Reads one line of a stream. */
  readLine(text: string): ReadEventResult {
    try {
      const nowText = this.#nowText()
      const { events, errors } = readSingle(text, (node, pointer) => this.#read(node, pointer, nowText))
      return events[0] ? { ok: true, event: events[0] } : { ok: false, errors }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { ok: false, errors: [{ pointer: '', code: error.code, detail: error.message }] }
    }
  }

  append(events: readonly NewEvent[]): Promise<AppendResult> {
    return this.#parts.log.append(events)
  }

  published(events: readonly NewEvent[], result: Extract<AppendResult, { kind: 'appended' }>): PublishedEvent[] {
    let duplicates = 0
    const published = events.map((event, index) => {
      const { position, isDuplicate } = result.events[index]!
      if (isDuplicate) duplicates += 1
      const answer = {
        id: event.id,
        topic: event.topic,
        offset: this.#parts.offsets.offsetOf({ topic: event.topic, position }),
        duplicate: isDuplicate,
      }
      if (this.#parts.tenants.isKnown(event.tenantId)) return answer
      if (!isDuplicate) this.#parts.tenants.note(event.tenantId)
      return { ...answer, tenantKnown: false as const }
    })
    this.#parts.observe({ events: events.length - duplicates, duplicates, refused: 0 })
    return published
  }

  #read(node: JsonNode, pointer: string, nowText: string): ReadEventResult {
    const { types, tenants, newId, isStrict } = this.#parts
    return readEvent(node, {
      ...{ pointer, nowText, newId },
      typeOf: (type) => types.typeOf(type),
      ...(isStrict && { takesTenant: (tenantId: TenantId) => tenants.isKnown(tenantId) }),
    })
  }

  #nowText(): string {
    return formatRfc3339(this.#parts.clock.now())
  }
}

export function reusedId(pointer: string): FieldError {
  return {
    pointer: `${pointer}/id`,
    code: 'id_reused',
    detail: 'This id was used before for another event of the tenant.',
  }
}
