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
  readonly event: {
    /** Null when retention has removed the event. */
    readonly id: string | null
    readonly type: string
    readonly tenantId: TenantId
    readonly entityId: string
    readonly offset: string
  }
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

/** Which deliveries are listed, exported or sent again, by everything that a list shows. */
export interface DeliverySearch {
  readonly subscription?: string | undefined
  /** `undelivered` means waiting or failed. Default: all. */
  readonly status?: Delivery['status'] | 'undelivered' | undefined
  /** Event patterns, as `invoice.*`. */
  readonly types?: readonly string[] | undefined
  readonly tenants?: readonly TenantId[] | undefined
  /** The entity's id, or its composite key as JSON text. */
  readonly entity?: string | undefined
  /** Of the last attempt, as `http_500`. */
  readonly error?: string | undefined
  /** RFC 3339: the last attempt was made at or after, and before. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Which deliveries are listed or exported: one event's, too. */
export interface DeliveryListing extends DeliverySearch {
  /** The event's id, the one that Tidings gave it, or `topic:offset`. With several tenants of that id, `tenants` holds its own. */
  readonly event?: string | undefined
}

/** A bulk resend, which the server runs on its own. */
export interface Resend {
  readonly id: string
  /** `interrupted`: it failed; it goes on at the next start of the server, unless another was begun. */
  readonly status: 'running' | 'done' | 'cancelled' | 'interrupted'
  readonly filter: DeliverySearch & { readonly subscription: string }
  /** Found so far: `resent` and `skipped`. */
  readonly matched: number
  /** Queued to be sent again. */
  readonly resent: number
  /** Were queued already. */
  readonly skipped: number
  readonly startedAt: string
  readonly endedAt: string | null
  readonly [field: string]: unknown
}

export class Deliveries {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  /** Newest first. */
  list(search: DeliveryListing = {}): AsyncGenerator<Delivery> {
    return everyItem<Delivery>(this.#http, '/v1/deliveries', queryOf(search))
  }
  /** It may be short, even empty, while `next` says that there is more. */
  page({ cursor, limit, ...search }: DeliveryListing & PageOptions = {}): Promise<Page<Delivery>> {
    return page<Delivery>(this.#http, '/v1/deliveries', { ...queryOf(search), cursor, limit })
  }
  get(id: string): Promise<Delivery> {
    return this.#http.json({ path: `/v1/deliveries/${encodeURIComponent(id)}` })
  }
  attempts(id: string): AsyncGenerator<Attempt> {
    return everyItem<Attempt>(this.#http, `/v1/deliveries/${encodeURIComponent(id)}/attempts`)
  }
  /** Queues it to be sent again at once, with the same id. */
  async resend(id: string): Promise<void> {
    await this.#http.send({ method: 'POST', path: `/v1/deliveries/${encodeURIComponent(id)}/resend` })
  }
  /** Every delivery that is meant, newest first, as JSON texts with every digit: the lines of an NDJSON file. */
  export(search: DeliveryListing = {}, signal?: AbortSignal): AsyncGenerator<string> {
    return this.#lines({ path: '/v1/deliveries', query: queryOf(search), signal })
  }
  /**
   * Begins to send again all deliveries that match (failed ones, when no status is given). The server goes on
   * by itself, also after a restart; `resendProgress` tells how far it is.
   *
   * @throws TidingsError `conflict` while another resend of the subscription runs
   */
  beginResend(search: DeliverySearch & { readonly subscription: string }): Promise<Resend> {
    return this.#http.json({ method: 'POST', path: '/v1/deliveries/resend', body: search })
  }
  /** How far a bulk resend is. */
  resendProgress(id: string): Promise<Resend> {
    return this.#http.json({ path: `/v1/resends/${encodeURIComponent(id)}` })
  }
  /** By creation. */
  resends(): AsyncGenerator<Resend> {
    return everyItem<Resend>(this.#http, '/v1/resends')
  }
  /** Deliveries that are already queued stay queued. */
  cancelResend(id: string): Promise<Resend> {
    return this.#http.json({ method: 'POST', path: `/v1/resends/${encodeURIComponent(id)}/cancel`, body: {} })
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

function queryOf({ types, tenants, ...rest }: DeliveryListing): NonNullable<Parameters<Http['send']>[0]['query']> {
  const [only, second] = tenants ?? []
  // One tenant says also whose event is meant.
  const ofTenants =
    only !== undefined && second === undefined ? { tenant: String(only) } : { tenants: tenants?.join(',') }
  return { ...rest, ...ofTenants, types: types?.join(',') }
}
