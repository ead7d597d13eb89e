import type { AttemptError } from '../core/delivery.ts'
import type { EndpointPolicy } from '../core/endpoint-policy.ts'
import { checkEndpointUrl } from '../core/endpoint-url.ts'
import { Connection, type ConnectionEvents } from './connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import { defaultLimits, Exchange, type ExchangeLimits } from './exchange.ts'
import { createGuard, type Guard } from './guard.ts'
import { createSystemResolver, type Resolver } from './resolver.ts'
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
  readonly hostname: string
  readonly port: number
  readonly isHttps: boolean
  readonly path: string
}

/** How late a deadline may be noticed. */
const tickMs = 50
const maxDestinations = 4_096
const maxConnectionAgeMs = 60_000
/** Below the five seconds after which many servers close an idle connection, perhaps as a request arrives. */
const idleTimeouts = { timeoutMs: 4_000, maxTimeoutMs: 10_000 }

/**
 * The transport over HTTP/1.1. Every URL is checked again when it is sent to, since it may have been
 * stored under other rules. It reads no proxy settings, keeps no cookies, sessions or redirects, and never
 * repeats a request that was written: that is the retry policy's to decide.
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

  send(request: OutgoingRequest): Promise<TransportResult> {
    if (this.#isClosed) return Promise.reject(new Error('the transport is closed'))
    const destination = this.#destinationOf(request.url)
    if (destination === null) return Promise.resolve(notSent('address_forbidden'))
    let tls: TlsIdentity | null = null
    if (destination.isHttps) {
      tls = this.#contexts.identityOf(request.tls)
      if (tls === null) return Promise.resolve(notSent('tls_bad_material'))
    }
    return new Promise((resolve, reject) => {
      const startedMs = performance.now()
      const exchange: Exchange = new Exchange(
        request,
        this.#limits,
        startedMs,
        (result) => {
          this.#ended(exchange)
          resolve(result)
        },
        (error) => {
          this.#ended(exchange)
          reject(error)
        },
      )
      this.#started(exchange)
      exchange.start(this.#connectionTo(destination, tls, startedMs), destination.path)
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

  #connectionTo(destination: Destination, tls: TlsIdentity | null, nowMs: number): Connection {
    const key = tls === null || tls.id === '' ? destination.origin : `${destination.origin}#${tls.id}`
    const { origin, hostname, port } = destination
    return (
      this.#pool.take(key, nowMs) ??
      new Connection(key, origin, { hostname, port, tls }, this.#guard, this.#connections, idleTimeouts)
    )
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
    if (this.#active.size > 0) return
    this.#whenIdle?.()
    this.#whenIdle = null
  }
}

function readDestination(url: string, policy: EndpointPolicy): Destination | null {
  const checked = checkEndpointUrl(url, policy)
  if (!checked.ok) return null
  const { protocol, hostname, port, origin, pathname, search } = new URL(checked.url)
  const isHttps = protocol === 'https:'
  return {
    origin,
    hostname,
    port: port === '' ? (isHttps ? 443 : 80) : Number(port),
    isHttps,
    path: pathname + search,
  }
}

function notSent(error: AttemptError): TransportResult {
  return { status: null, error, body: null, retryAfter: null, headers: {}, durationMs: 0, isCutShort: false }
}
