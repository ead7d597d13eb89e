import type { EndpointPolicy } from '../core/address/endpoint-policy.ts'
import { checkEndpointUrl } from '../core/address/endpoint-url.ts'
import { noTiming } from '../core/delivery/attempt-timing.ts'
import type { AttemptError } from '../core/delivery/delivery.ts'
import { type Connector, defaultLimits, Exchange, type ExchangeLimits } from './exchange.ts'
import { Connection, type ConnectionEvents } from './http1/connection.ts'
import { ConnectionPool } from './http1/connection-pool.ts'
import { requestBytes } from './http1/request-bytes.ts'
import { createGuard, type Guard } from './socket/guard.ts'
import { createSystemResolver, type Resolver } from './socket/resolver.ts'
import { TlsContexts, type TlsIdentity } from './tls-contexts.ts'
import type { OutgoingRequest, Transport, TransportResult } from './transport.ts'

export interface HttpTransportOptions {
  readonly policy: EndpointPolicy
  readonly resolver?: Resolver
  readonly limits?: Partial<ExchangeLimits>
}

/** Where a URL leads, read and checked once. Null: refused. */
interface Destination {
  readonly origin: string
  /** As the `Host` header has it. */
  readonly host: string
  readonly hostname: string
  readonly port: number
  readonly isHttps: boolean
  readonly path: string
}

/** How late a deadline may be noticed. */
const tickMs = 50
const maxDestinations = 4_096
const maxConnectionAgeMs = 60_000

/**
 * The transport over HTTP/1.1. Every URL is checked again when it is sent to, since it may have been
 * stored under other rules. It reads no proxy settings, and keeps no cookies, sessions or redirects.
 */
export class HttpTransport implements Transport {
  readonly #policy: EndpointPolicy
  readonly #guard: Guard
  readonly #limits: ExchangeLimits
  readonly #pool = new ConnectionPool(maxConnectionAgeMs)
  readonly #contexts = new TlsContexts()
  readonly #destinations = new Map<string, Destination | null>()
  readonly #active = new Set<Exchange>()
  readonly #connections: ConnectionEvents
  #timer: NodeJS.Timeout | null = null
  #isClosed = false
  #whenIdle: (() => void) | null = null

  constructor(options: HttpTransportOptions) {
    this.#policy = options.policy
    this.#guard = createGuard(options.policy, options.resolver ?? createSystemResolver())
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#connections = {
      released: (connection) => {
        if (this.#isClosed) connection.discard()
        else this.#pool.give(connection)
      },
      gone: (connection) => this.#pool.forget(connection),
    }
  }

  /** Attempts under way. */
  get activeCount(): number {
    return this.#active.size
  }

  /** Connections kept for the next attempt. */
  get idleCount(): number {
    return this.#pool.size
  }

  /** Reads the public roots, which takes some milliseconds, before an attempt waits for them. */
  warmUp(): void {
    this.#contexts.identityOf(undefined)
  }

  send(request: OutgoingRequest): Promise<TransportResult> {
    if (this.#isClosed) return Promise.reject(new Error('the transport is closed'))
    const destination = this.#destinationOf(request.url)
    if (destination === null) return Promise.resolve(notSent('address_forbidden'))
    let tls: TlsIdentity | null = null
    if (destination.isHttps) {
      tls = this.#contexts.identityOf(request.tls)
      if (tls === null) return Promise.resolve(notSent('tls_bad_material'))
    }
    let bytes: Buffer
    try {
      bytes = requestBytes({ ...destination, method: request.method }, request.headers, request.body)
    } catch (error) {
      return Promise.reject(error)
    }
    return new Promise((resolve) => {
      const startedMs = performance.now()
      const connector = this.#connectorTo(destination, tls, startedMs)
      const exchange: Exchange = new Exchange(request, bytes, this.#limits, startedMs, connector, (result) => {
        this.#ended(exchange)
        resolve(result)
      })
      this.#started(exchange)
      exchange.start()
    })
  }

  /** Takes no more requests, waits for those under way (each has its deadline), then closes every connection. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#pool.discardAll()
    if (this.#active.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
  }

  #connectorTo(destination: Destination, tls: TlsIdentity | null, nowMs: number): Connector {
    const key = tls === null || tls.id === '' ? destination.origin : `${destination.origin}#${tls.id}`
    const { hostname, port } = destination
    const connectAnew = () => new Connection(key, { hostname, port, tls }, this.#guard, this.#connections)
    return { connect: () => this.#pool.take(key, nowMs) ?? connectAnew(), connectAnew }
  }

  #destinationOf(url: string): Destination | null {
    const known = this.#destinations.get(url)
    if (known !== undefined) return known
    const destination = readDestination(url, this.#policy)
    this.#destinations.set(url, destination)
    if (this.#destinations.size > maxDestinations) {
      this.#destinations.delete(this.#destinations.keys().next().value!)
    }
    return destination
  }

  #started(exchange: Exchange): void {
    this.#active.add(exchange)
    this.#pool.occupied()
    this.#timer ??= setInterval(() => this.#tick(), tickMs)
  }

  #tick(): void {
    const nowMs = performance.now()
    for (const exchange of this.#active) exchange.check(nowMs)
    if (this.#active.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #ended(exchange: Exchange): void {
    this.#active.delete(exchange)
    this.#pool.freed()
    if (this.#active.size > 0) return
    this.#whenIdle?.()
    this.#whenIdle = null
  }
}

function readDestination(url: string, policy: EndpointPolicy): Destination | null {
  const checked = checkEndpointUrl(url, policy)
  if (!checked.ok) return null
  const { protocol, host, hostname, port, origin, pathname, search } = new URL(checked.url)
  const isHttps = protocol === 'https:'
  return {
    origin,
    host,
    hostname,
    port: port === '' ? (isHttps ? 443 : 80) : Number(port),
    isHttps,
    path: pathname + search,
  }
}

function notSent(error: AttemptError): TransportResult {
  return {
    status: null,
    error,
    body: null,
    retryAfter: null,
    headers: {},
    durationMs: 0,
    timing: noTiming,
    isCutShort: false,
  }
}
