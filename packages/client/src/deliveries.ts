import type { Http } from './http.ts'
import { everyItem, type Page, type PageOptions, page } from './pages.ts'
import type { TenantId } from './tenant-id.ts'

export interface Attempt {
  readonly at: string
  readonly durationMs: number
  /** The receiver's HTTP status, or null when there was none. */
  readonly status: number | null
  /** Null on success, else as `http_500`, `connection_refused`, `attempt_timeout`. */
  readonly error: string | null
  readonly body: string | null
}

export interface Delivery {
  readonly id: string
  readonly status: 'waiting' | 'delivered' | 'failed' | 'superseded'
  /** The subscription's id; null when it is gone. */
  readonly subscription: string | null
  readonly type: string
  readonly topic: string
  readonly offset: string
  readonly tenantId: TenantId
  readonly entityId: string
  readonly sequence: number | null
  readonly attempts: number
  readonly nextAttemptAt: string | null
  readonly lastAttempt: Attempt | null
  readonly [field: string]: unknown
}

export interface DeliveryFilter {
  readonly subscription?: string | undefined
  /** `undelivered` means waiting or failed. Default: all. */
  readonly status?: Delivery['status'] | 'undelivered' | undefined
}

export class Deliveries {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** Newest first. */
  list(filter: DeliveryFilter = {}): AsyncGenerator<Delivery> {
    return everyItem<Delivery>(this.#http, '/v1/deliveries', { ...filter })
  }
  page(filter: DeliveryFilter & PageOptions = {}): Promise<Page<Delivery>> {
    return page<Delivery>(this.#http, '/v1/deliveries', { ...filter })
  }
  get(id: string): Promise<Delivery> {
    return this.#http.json({ path: `/v1/deliveries/${encodeURIComponent(id)}` })
  }
  attempts(id: string): AsyncGenerator<Attempt> {
    return everyItem<Attempt>(this.#http, `/v1/deliveries/${encodeURIComponent(id)}/attempts`)
  }
  /** Puts it in line to be sent again at once, with the same id. */
  async resend(id: string): Promise<void> {
    await this.#http.send({ method: 'POST', path: `/v1/deliveries/${encodeURIComponent(id)}/resend` })
  }
}
