import { noTiming } from '../core/delivery/attempt-timing.ts'
import type { AttemptError } from '../core/delivery/delivery.ts'
import { answerText } from './answer-text.ts'
import { type AnswerHead, elementsOf, fieldOf } from './http1/answer-head.ts'
import { AnswerReader } from './http1/answer-reader.ts'
import type { Connection, ConnectionUser } from './http1/connection.ts'
import { keepAliveMs } from './http1/framing.ts'
import { DialFailure, exchangeFailure } from './socket/failure.ts'
import { carriesHeaders, type OutgoingRequest, type TransportResult } from './transport.ts'

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

/** Below the five seconds after which many servers close an idle connection, perhaps as a request arrives. */
const usualIdleMs = 4_000
/** A receiver's own word for how long it keeps a connection is heeded so far, and cut by what the way may take. */
const longestIdleMs = 10_000
const idleMarginMs = 1_000

/** Where an exchange gets its connection. */
export interface Connector {
  /** A kept one when there is one. */
  connect(): Connection
  /** In any case a new one. */
  connectAnew(): Connection
}

/**
 * One attempt: a request, its answer, and its deadlines.
 *
 * The deadline that passes names the failure by what was waited for. Before the connection stands:
 * `dns_failed` or `connect_timeout`, after `connectMs` or the whole attempt's time, whichever is less. Then
 * `send_timeout` while the receiver has not taken the body, `headers_timeout` while its headers are not
 * complete: a receiver may use the whole attempt's time to answer. Once there is a status there is a
 * result, and a body that is slow, endless, wrongly framed or cut short changes nothing in it.
 *
 * A kept connection that ends before a byte of the answer was most likely closed as the request was on its
 * way (RFC 9112 9.3.1). The request is repeated once, at once, on a new connection and within the same time; what
 * happens there is the outcome. That is safe: every delivery carries its id.
 */
export class Exchange implements ConnectionUser {
  readonly #request: OutgoingRequest
  readonly #bytes: Buffer
  readonly #limits: ExchangeLimits
  readonly #startedMs: number
  readonly #connector: Connector
  readonly #settle: (result: TransportResult) => void
  #reader: AnswerReader
  #connection: Connection | null = null
  #bodyDueMs = 0
  #firstByteMs: number | null = null
  #hasEnded = false

  constructor(
    request: OutgoingRequest,
    bytes: Buffer,
    limits: ExchangeLimits,
    startedMs: number,
    connector: Connector,
    settle: (result: TransportResult) => void,
  ) {
    this.#request = request
    this.#bytes = bytes
    this.#limits = limits
    this.#startedMs = startedMs
    this.#connector = connector
    this.#settle = settle
    this.#reader = new AnswerReader(limits)
  }

  start(): void {
    this.#over(this.#connector.connect())
  }

  /** Called every few dozen milliseconds while the attempt is under way; `nowMs` as `performance.now()`. */
  check(nowMs: number): void {
    if (this.#hasEnded || this.#connection === null) return
    if (this.#reader.head !== null) {
      if (nowMs >= this.#bodyDueMs) this.#end(null)
      return
    }
    const isOver = nowMs - this.#startedMs >= this.#request.timeoutMs
    const phase = this.#connection.dialPhase
    if (phase !== null) {
      if (isOver || nowMs - this.#connection.openedMs >= this.#limits.connectMs) {
        this.#end(phase === 'resolving' ? 'dns_failed' : 'connect_timeout')
      }
    } else if (isOver) {
      const isUntaken = this.#connection.hasUntakenBytes(this.#bytes.length, nowMs)
      this.#end(isUntaken ? 'send_timeout' : 'headers_timeout')
    }
  }

  received(bytes: Buffer): void {
    this.#firstByteMs ??= Math.round(performance.now() - this.#connection!.sentMs)
    const reader = this.#reader
    const wasHead = reader.state === 'head'
    reader.read(bytes)
    // RFC 9110 15.5.9: the server gives an idle connection up, and has not waited for this request.
    if (reader.head?.status === 408 && this.#connection?.isReused) {
      this.#connection.discard()
      this.#reader = new AnswerReader(this.#limits)
      this.#over(this.#connector.connectAnew())
      return
    }
    switch (reader.state) {
      case 'head':
        break
      case 'body':
        if (wasHead) {
          const bodyDueMs = performance.now() + this.#limits.bodyMs
          this.#bodyDueMs = Math.min(bodyDueMs, this.#startedMs + this.#request.timeoutMs)
        }
        break
      case 'complete':
        this.#complete()
        break
      case 'cut':
        this.#end(null)
        break
      case 'refused':
        this.#end(reader.refusal)
        break
      default:
        reader.state satisfies never
    }
  }

  closed(error: Error | null): void {
    if (this.#reader.isUntouched && this.#connection?.isReused) {
      this.#over(this.#connector.connectAnew())
      return
    }
    this.#reader.end()
    if (this.#reader.state === 'complete') this.#complete()
    else if (this.#reader.head !== null) this.#end(null)
    else this.#end(error instanceof DialFailure ? error.reason : exchangeFailure(error))
  }

  #over(connection: Connection): void {
    this.#firstByteMs = null
    this.#connection = connection
    connection.exchange(this.#bytes, this)
  }

  #complete(): void {
    this.#hasEnded = true
    if (this.#reader.mayPersist) this.#connection?.release(idleMsOf(this.#reader.head!))
    else this.#connection?.discard()
    this.#report(null, false)
  }

  /** Ends it before the answer did; what more arrives on this connection is nobody's answer. */
  #end(error: AttemptError | null): void {
    this.#hasEnded = true
    this.#connection?.discard()
    this.#report(error, true)
  }

  #report(error: AttemptError | null, isCutShort: boolean): void {
    const head = this.#reader.head
    this.#settle({
      status: head?.status ?? null,
      error: error ?? (head !== null && redirects(head) ? 'redirect_not_allowed' : null),
      body: head === null ? null : this.#body(head),
      retryAfter: head === null ? null : firstField(head, 'retry-after'),
      headers: head !== null && carriesHeaders(this.#request, head.status) ? keptHeaders(head, this.#limits) : {},
      durationMs: Math.round(performance.now() - this.#startedMs),
      timing: { ...noTiming, ...this.#connection?.dialTiming, firstByteMs: this.#firstByteMs },
      isCutShort,
    })
  }

  #body(head: AnswerHead): string {
    return answerText(this.#reader.body, {
      contentType: firstField(head, 'content-type'),
      codings: [...elementsOf(fieldOf(head, 'content-encoding')), ...elementsOf(fieldOf(head, 'transfer-encoding'))],
      isWhole: this.#reader.isWholeBodyKept,
    })
  }
}

function idleMsOf(head: AnswerHead): number {
  const saidMs = keepAliveMs(head)
  return saidMs === null ? usualIdleMs : Math.min(saidMs - idleMarginMs, longestIdleMs)
}

/** `Refresh: 0;url=…` sends on like a 3xx does. */
function redirects(head: AnswerHead): boolean {
  if (head.status >= 300 && head.status <= 399) return true
  return /url\s*=/i.test(fieldOf(head, 'refresh') ?? '')
}

function firstField({ fields }: AnswerHead, name: string): string | null {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1]!
  return null
}

function keptHeaders({ fields }: AnswerHead, limits: ExchangeLimits): Record<string, string> {
  const joined = new Map<string, string>()
  for (let at = 0; at < fields.length; at += 2) {
    const [name, value] = [fields[at]!, fields[at + 1]!]
    const before = joined.get(name)
    joined.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  const kept: Record<string, string> = {}
  let count = 0
  let bytes = 0
  for (const [name, value] of joined) {
    if (name === '__proto__') continue
    count += 1
    bytes += name.length + value.length
    if (count > limits.keptHeaders || bytes > limits.keptHeaderBytes) break
    kept[name] = value
  }
  return kept
}
