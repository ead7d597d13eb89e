import type { Catalogue } from '../catalogue/catalogue.ts'
import { AppError } from '../core/errors.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { jsonText } from '../core/json/json-text.ts'
import { nearestNames } from '../core/text/nearest-name.ts'
import type { Clock } from '../core/time/clock.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { EventType } from '../dialects/contract/catalogue.ts'
import type { Dialect } from '../dialects/contract/dialect.ts'
import type { PublishedEvent, Publisher } from '../publish/publisher.ts'

export interface FireRequest {
  /** The event's name in the dialect, or its canonical type. */
  readonly event: string
  readonly tenantId: TenantId
  readonly entityId?: string | undefined
}

export interface FiredEvent extends PublishedEvent {
  readonly type: string
  /** Its name in the dialect. */
  readonly name: string
  /** As published, JSON text. */
  readonly text: string
}

export interface FiringDeps {
  readonly dialect: Pick<Dialect, 'name' | 'sample'>
  readonly catalogue: () => Catalogue
  readonly publisher: Pick<Publisher, 'publish'>
  readonly clock: Pick<Clock, 'now'>
  /** Where the stand-in listens, as `127.0.0.1:8080`. */
  readonly host: () => string
}

const maxSuggestions = 5

/** Raises events as the emulated system would: any of the catalogue, with a sample of its entity. */
export class Firing {
  readonly #deps: FiringDeps
  #fired = 0

  constructor(deps: FiringDeps) {
    this.#deps = deps
  }

  /** @throws AppError `invalid_request` for an event that the dialect does not have; what publishing throws */
  async fire({ event, tenantId, entityId }: FireRequest): Promise<FiredEvent> {
    const { dialect, publisher, clock, host } = this.#deps
    const nowMs = clock.now()
    const { type, name } = this.#find(event)
    this.#fired += 1
    const sample =
      dialect.sample?.(type, { entityId, number: this.#fired, tenantId, nowMs, host: host() }) ??
      JSON.stringify({ entityId: entityId ?? String(this.#fired) })
    const head = { tenantId, type: type.type, time: formatRfc3339(nowMs) }
    const text = `${jsonText(head).slice(0, -1)},${sample.slice(1)}`
    const [published] = await publisher.publish(text)
    return { ...published!, type: type.type, name, text }
  }

  #find(event: string): { readonly type: EventType; readonly name: string } {
    const { catalogue, dialect } = this.#deps
    const known = catalogue()
    const type = known.byNameIgnoringCase(dialect.name, event) ?? known.find(event)
    const name = type && known.nameIn(type.type, dialect.name)
    if (type && name !== undefined) return { type, name }
    const near = nearestNames(event, known.names(dialect.name), maxSuggestions)
    const advice = near.length > 0 ? ` The nearest names: ${near.join(', ')}.` : ''
    throw new AppError('invalid_request', `${dialect.name} has no event \`${event}\`.${advice}`, {
      errors: [
        { pointer: '/event', code: 'unknown_event', detail: 'The emulated system has no event with this name.' },
      ],
    })
  }
}
