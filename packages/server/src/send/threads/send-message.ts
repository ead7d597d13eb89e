import type { EndpointPolicy, OwnListener } from '../../core/address/endpoint-policy.ts'
import { carriesHeaders, type OutgoingRequest, type TransportResult } from '../transport.ts'

/** What a sending thread is started with. */
export interface SendThreadData {
  readonly policy: EndpointPolicy
  /** How far below the rest of the process it is scheduled, 0 to 19, where the system can do that for a thread. */
  readonly niceness: number
}

/** To the thread. Requests of one turn of the event loop go together: a message costs more than a request. */
export type SendMessage =
  | { readonly kind: 'send'; readonly requests: readonly PackedRequest[] }
  /** The server listens on one more socket, which no endpoint may be. */
  | { readonly kind: 'listener'; readonly listener: OwnListener }
  /** Ends the requests under way, then the thread. */
  | { readonly kind: 'close' }

/** From the thread: once that it has loaded everything, then what became of requests. */
export type SendAnswer = 'ready' | readonly PackedResult[]

/** Arrays, because a copy of an object carries the names of its fields each time. */
export type PackedRequest = readonly [
  id: number,
  method: OutgoingRequest['method'],
  url: string,
  headers: OutgoingRequest['headers'],
  body: OutgoingRequest['body'],
  timeoutMs: number,
  wantsHeaders: boolean,
  tls: OutgoingRequest['tls'] | null,
]

/** With a fault alone, the thread could not make the attempt: a bug, no answer of the receiver. */
export type PackedResult =
  | readonly [
      id: number,
      status: TransportResult['status'],
      error: TransportResult['error'],
      body: TransportResult['body'],
      retryAfter: TransportResult['retryAfter'],
      headers: TransportResult['headers'] | null,
      durationMs: number,
      isCutShort: boolean,
      timing: TransportResult['timing'],
    ]
  | readonly [id: number, fault: Error]

export function packRequest(id: number, request: OutgoingRequest): PackedRequest {
  const { method, url, headers, body, timeoutMs, wantsHeaders = false, tls = null } = request
  return [id, method, url, headers, body, timeoutMs, wantsHeaders, tls]
}

export function unpackRequest(packed: PackedRequest): OutgoingRequest {
  const [, method, url, headers, body, timeoutMs, wantsHeaders, tls] = packed
  return { method, url, headers, body, timeoutMs, wantsHeaders, ...(tls && { tls }) }
}

export function packResult(id: number, request: OutgoingRequest, result: TransportResult): PackedResult {
  const { status, error, body, retryAfter, headers, durationMs, isCutShort, timing } = result
  const kept = carriesHeaders(request, status) ? headers : null
  return [id, status, error, body, retryAfter, kept, durationMs, isCutShort, timing]
}

const noHeaders = {}

export function unpackResult(packed: PackedResult): TransportResult | Error {
  if (packed.length === 2) return packed[1]
  const [, status, error, body, retryAfter, headers, durationMs, isCutShort, timing] = packed
  return { status, error, body, retryAfter, headers: headers ?? noHeaders, durationMs, isCutShort, timing }
}
