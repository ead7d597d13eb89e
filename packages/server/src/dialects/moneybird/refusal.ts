import type { FastifyReply } from 'fastify'
import { AppError, type ErrorCode } from '../../core/errors.ts'
import { windowHeaders } from './request-window.ts'

/** A refusal in the contract's shape; `symbolic` tells programs what `error` tells people. */
export class MoneybirdRefusal extends Error {
  readonly status: number
  readonly body: string | { readonly error: string; readonly symbolic?: Readonly<Record<string, string>> }

  constructor(status: number, body: MoneybirdRefusal['body']) {
    super(typeof body === 'string' ? body : body.error)
    this.name = 'MoneybirdRefusal'
    this.status = status
    this.body = body
  }
}

export const refusals = {
  urlRequired: () => fault('Url is required', 'url', 'required'),
  urlUnreachable: () => fault('Url is unreachable: it must answer with status 200', 'url', 'unreachable'),
  eventsRemoved: () => fault("'events' has been removed from webhooks, use 'enabled_events'", 'events', 'removed'),
  eventsInvalid: (name: string | null) =>
    fault(
      name === null ? 'Enabled events is invalid' : `Enabled events is invalid: '${name}' is not an event`,
      'enabled_events',
      'invalid',
    ),
  unknownField: (name: string) => fault(`'${name}' is not a field of webhooks`, name, 'unknown'),
  unreadable: () => new MoneybirdRefusal(400, { error: 'The request body is not valid JSON' }),
  unauthorized: () => new MoneybirdRefusal(401, { error: 'The access token is invalid' }),
  notFound: () => new MoneybirdRefusal(404, { error: 'record not found', symbolic: { id: 'not_found' } }),
  noSuchWebhook: () => new MoneybirdRefusal(404, { error: 'Record not found for model name: Webhook' }),
  retryLater: () => new MoneybirdRefusal(429, 'Retry later'),
} as const

function fault(error: string, field: string, symbol: string): MoneybirdRefusal {
  return new MoneybirdRefusal(400, { error, symbolic: { [field]: symbol } })
}

const saying = (status: number, error: string) => () => new MoneybirdRefusal(status, { error })
const unavailable = saying(503, 'Temporarily unavailable')
const failed = saying(500, 'Internal server error')
const invalid = saying(400, 'The request is invalid')
const tooLarge = saying(413, 'The request body is too large')
const notJson = saying(415, 'Send JSON')

/** How refusals of the server itself read in this contract. */
const answers: Record<ErrorCode, () => MoneybirdRefusal> = {
  malformed_request: refusals.unreadable,
  invalid_request: invalid,
  invalid_json: refusals.unreadable,
  invalid_event: invalid,
  invalid_offset: invalid,
  id_reused: invalid,
  unauthorized: refusals.unauthorized,
  forbidden: saying(403, 'The access token may not do this'),
  not_found: refusals.notFound,
  method_not_allowed: refusals.notFound,
  not_implemented: saying(501, 'The server does not do this'),
  precondition_failed: saying(412, 'The condition of the request does not hold'),
  conflict: saying(409, 'The webhook was changed by others at the same time'),
  subscription_disabled: saying(409, 'The webhook is disabled'),
  payload_too_large: tooLarge,
  headers_too_large: saying(431, 'The request headers are too large'),
  uri_too_long: saying(414, 'The URL is too long'),
  unsupported_media_type: notJson,
  request_timeout: saying(408, 'The request came too slowly'),
  rate_limited: refusals.retryLater,
  overloaded: unavailable,
  storage_unavailable: unavailable,
  authority_unavailable: unavailable,
  shutting_down: unavailable,
  unsafe_store: failed,
  invalid_configuration: failed,
  internal: failed,
}

/** Whatever went wrong, in the contract's shape; what is a bug says nothing of what happened inside. */
export function sendRefusal(error: unknown, reply: FastifyReply, nowMs: number): FastifyReply {
  const { status, body } = refusalOf(error)
  if (status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="API"')
  // What is left of the body is not read.
  if (status === 408 || status === 413) void reply.header('connection', 'close')
  if (error instanceof AppError && error.retryAfterSeconds !== undefined) {
    const resetSeconds = Math.ceil(nowMs / 1_000 + error.retryAfterSeconds)
    void reply.headers({ ...windowHeaders({ remaining: 0, resetSeconds }), 'Retry-After': resetSeconds })
  }
  if (typeof body === 'string') return reply.code(status).type('text/plain; charset=utf-8').send(body)
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}

function refusalOf(error: unknown): MoneybirdRefusal {
  if (error instanceof MoneybirdRefusal) return error
  if (error instanceof AppError) return answers[error.code]()
  switch ((error as { statusCode?: number }).statusCode) {
    case 413:
      return tooLarge()
    case 415:
      return notJson()
    case 400:
      return refusals.unreadable()
    default:
      return failed()
  }
}
