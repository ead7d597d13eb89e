import type { Delivery } from './deliveries.ts'
import { type ReceivedEvent, readEvent } from './event.ts'
import type { Explanation } from './explanation.ts'
import type { Http } from './http.ts'
import { everyItem, type Page, type PageOptions, page } from './pages.ts'
import type { TenantId } from './tenant-id.ts'

/** An event with the deliveries of it that the caller may see, at most 100. */
export interface EventWithDeliveries extends ReceivedEvent {
  readonly deliveries: readonly Delivery[]
}

export interface EventOptions {
  /** Whose event it is, where several tenants use one id. */
  readonly tenant?: TenantId | undefined
}

/**
 * Single events by what somebody calls them: the id that the publisher gave, the one that Tidings
 * gave, or `topic:offset`.
 */
export class Events {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** @throws RefusedError `not_found`; `malformed_request` where several tenants use the id */
  async get(id: string, { tenant }: EventOptions = {}): Promise<EventWithDeliveries> {
    const response = await this.#http.send({ path: pathOf(id), query: { tenant: textOf(tenant) } })
    return readEvent(await response.text()) as EventWithDeliveries
  }

  /** Why it did or did not arrive, for each subscription of its tenant. */
  explain(id: string, { tenant }: EventOptions = {}): AsyncGenerator<Explanation> {
    return everyItem<Explanation>(this.#http, `${pathOf(id)}/explain`, { tenant: textOf(tenant) })
  }
  explainPage(id: string, { tenant, ...options }: EventOptions & PageOptions = {}): Promise<Page<Explanation>> {
    return page<Explanation>(this.#http, `${pathOf(id)}/explain`, { tenant: textOf(tenant), ...options })
  }
}

function pathOf(id: string): string {
  return `/v1/events/${encodeURIComponent(id)}`
}

function textOf(tenant: TenantId | undefined): string | undefined {
  return tenant === undefined ? undefined : String(tenant)
}
