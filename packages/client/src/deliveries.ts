import { type Http, unreachable } from './http.ts'
import { everyItem, type Page, type PageOptions, page } from './pages.ts'
import type { TenantId } from './tenant-id.ts'
import { textLines } from './text-lines.ts'

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

/** Which deliveries are exported or sent again, by everything that a list shows. */
export interface DeliverySearch extends DeliveryFilter {
  /** Event patterns, as `invoice.*`. */
  readonly types?: readonly string[] | undefined
  readonly tenants?: readonly TenantId[] | undefined
  /** Of the last attempt, as `http_500`. */
  readonly error?: string | undefined
  /** RFC 3339: the last attempt was made at or after, and before. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface ResendProgress {
  /** Deliveries put in line so far. */
  readonly resent: number
  /** It is through. */
  readonly done?: true
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
  /** Every delivery that is meant, newest first, as JSON texts with every digit: the lines of an NDJSON file. */
  export(search: DeliverySearch = {}, signal?: AbortSignal): AsyncGenerator<string> {
    const { types, tenants, ...rest } = search
    const query = { ...rest, types: types?.join(','), tenants: tenants?.join(',') }
    return this.#lines({ path: '/v1/deliveries', query, signal })
  }
  /**
   * Sends again what is meant (failed ones, when no status is given), and tells how far it is. Leaving
   * off stops it; asking again goes on with what is left.
   */
  async *resendAll(
    search: DeliverySearch & { readonly subscription: string },
    signal?: AbortSignal,
  ): AsyncGenerator<ResendProgress> {
    const request = { method: 'POST', path: '/v1/deliveries/resend', body: search, signal } as const
    for await (const line of this.#lines(request)) yield JSON.parse(line) as ResendProgress
  }

  async *#lines(request: Parameters<Http['send']>[0]): AsyncGenerator<string> {
    const response = await this.#http.send({ ...request, headers: { accept: 'application/x-ndjson' } })
    try {
      if (response.body) for await (const line of textLines(response.body)) if (line !== '') yield line
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      throw unreachable(error, this.#http.base)
    }
  }
}
