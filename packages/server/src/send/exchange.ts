import type { Dispatcher } from 'undici'
import type { AttemptError } from '../core/delivery.ts'
import type { Connection } from './connection.ts'
import { breaksFraming, exchangeFailure } from './failure.ts'
import type { OutgoingRequest, TransportResult } from './transport.ts'

/** How much of an attempt's time and of an answer the transport spends. */
export interface ExchangeLimits {
  /** Name lookup, TCP and TLS together. */
  readonly connectMs: number
  /** Reading the body, from the end of the headers. */
  readonly bodyMs: number
  /** Read at most, kept at most. */
  readonly bodyBytes: number
  readonly keptBodyBytes: number
  readonly keptHeaders: number
  readonly keptHeaderBytes: number
}

export const defaultLimits: ExchangeLimits = {
  connectMs: 5_000,
  bodyMs: 2_000,
  bodyBytes: 64 * 1024,
  keptBodyBytes: 16 * 1024,
  keptHeaders: 32,
  keptHeaderBytes: 4 * 1024,
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

/**
 * One attempt on one connection: the handler of an undici dispatch, and its deadlines.
 *
 * The deadline that passes names the failure by what was waited for. Before the connection stands:
 * `dns_failed` or `connect_timeout`, after `connectMs` or the whole attempt's time, whichever is less. Then
 * `send_timeout` while the receiver has not taken the body, `headers_timeout` while its headers are not
 * complete: a receiver may use the whole attempt's time to answer. Once there is a status there is a
 * result, and a body that is slow, endless or cut short changes nothing in it.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: OutgoingRequest
  readonly #limits: ExchangeLimits
  readonly #startedMs: number
  readonly #settle: (result: TransportResult) => void
  readonly #reject: (error: Error) => void
  #connection: Connection | null = null
  #status = 0
  #headers: Headers = {}
  #bodyDueMs = 0
  #bodyBytes = 0
  #chunks: Buffer[] = []
  #hasEnded = false

  constructor(
    request: OutgoingRequest,
    limits: ExchangeLimits,
    startedMs: number,
    settle: (result: TransportResult) => void,
    reject: (error: Error) => void,
  ) {
    this.#request = request
    this.#limits = limits
    this.#startedMs = startedMs
    this.#settle = settle
    this.#reject = reject
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  start(connection: Connection, path: string): void {
    this.#connection = connection
    connection.dispatch(
      {
        path,
        method: this.#request.method,
        headers: wireHeaders(this.#request.headers),
        // undici takes every Uint8Array; the types of its own Buffer and Node's differ.
        body: this.#request.body as string | Buffer | null,
      },
      this,
    )
  }

  /** Called every few dozen milliseconds while the attempt is under way; `nowMs` as `performance.now()`. */
  check(nowMs: number): void {
    if (this.#hasEnded) return
    if (this.#status !== 0) {
      if (nowMs >= this.#bodyDueMs) this.#end(null)
      return
    }
    const elapsedMs = nowMs - this.#startedMs
    const phase = this.#connection?.dialPhase ?? null
    if (phase !== null) {
      if (elapsedMs < Math.min(this.#limits.connectMs, this.#request.timeoutMs)) return
      this.#end(phase === 'resolving' ? 'dns_failed' : 'connect_timeout')
    } else if (elapsedMs >= this.#request.timeoutMs) {
      const sent = this.#request.body?.length ?? 0
      this.#end(this.#connection?.hasUntakenBytes(sent, nowMs) ? 'send_timeout' : 'headers_timeout')
    }
  }

  onRequestStart(): void {}

  onResponseStart(_controller: unknown, status: number, headers: Headers): void {
    if (this.#hasEnded) return
    // Other interim answers (102, 103) are skipped; nobody asked to switch protocols.
    if (status < 100 || status === 101) this.#end('invalid_http')
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    const now = performance.now()
    this.#bodyDueMs = Math.min(now + this.#limits.bodyMs, this.#startedMs + this.#request.timeoutMs)
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#hasEnded) return
    const missing = this.#limits.keptBodyBytes - this.#bodyBytes
    this.#bodyBytes += chunk.length
    if (missing > 0) this.#chunks.push(chunk.length > missing ? chunk.subarray(0, missing) : chunk)
    if (this.#bodyBytes > this.#limits.bodyBytes) this.#end(null)
  }

  onResponseEnd(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#connection?.release()
    this.#report(null, false)
  }

  onResponseError(_controller: unknown, error: Error & { readonly code?: string }): void {
    if (this.#hasEnded) return
    if (error.code === 'UND_ERR_INVALID_ARG' || error.code === 'UND_ERR_NOT_SUPPORTED') {
      this.#hasEnded = true
      this.#connection?.discard()
      this.#reject(error)
    } else if (this.#status === 0) {
      this.#end(exchangeFailure(error, this.#connection?.socketError ?? null))
    } else {
      this.#end(breaksFraming(error) ? 'invalid_http' : null)
    }
  }

  /** Ends it before the answer did; what more arrives on this connection is nobody's answer. */
  #end(error: AttemptError | null): void {
    this.#hasEnded = true
    this.#connection?.discard()
    this.#report(error, true)
  }

  #report(error: AttemptError | null, isCutShort: boolean): void {
    const status = this.#status
    const headers = this.#headers
    const retryAfter = headers['retry-after']
    this.#settle({
      status: status === 0 ? null : status,
      error: error ?? (status !== 0 && redirects(status, headers) ? 'redirect_not_allowed' : null),
      body: status === 0 ? null : this.#body(),
      retryAfter: (Array.isArray(retryAfter) ? retryAfter[0] : retryAfter) ?? null,
      headers: this.#request.wantsHeaders ? keptHeaders(headers, this.#limits) : {},
      durationMs: Math.round(performance.now() - this.#startedMs),
      isCutShort,
    })
  }

  #body(): string {
    if (this.#chunks.length === 0) return ''
    return (this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)).toString('utf8')
  }
}

/** `Refresh: 0;url=…` sends on like a 3xx does. */
function redirects(status: number, headers: Headers): boolean {
  if (status >= 300 && status <= 399) return true
  const refresh = headers.refresh
  return refresh !== undefined && /url\s*=/i.test(String(refresh))
}

/** Headers that the connection owns, and `accept-encoding`: an answer is never decompressed. */
const ownHeaders = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'accept-encoding',
])

function wireHeaders(headers: OutgoingRequest['headers']): string[] {
  const flat: string[] = []
  for (const [name, value] of headers) if (!ownHeaders.has(name.toLowerCase())) flat.push(name, value)
  flat.push('accept-encoding', 'identity')
  return flat
}

function keptHeaders(headers: Headers, limits: ExchangeLimits): Record<string, string> {
  const kept: Record<string, string> = {}
  let count = 0
  let bytes = 0
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || name === '__proto__') continue
    const text = typeof value === 'string' ? value : value.join(', ')
    count += 1
    bytes += name.length + text.length
    if (count > limits.keptHeaders || bytes > limits.keptHeaderBytes) break
    kept[name] = text
  }
  return kept
}
