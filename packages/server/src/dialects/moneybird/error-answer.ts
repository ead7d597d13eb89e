import type { FastifyReply } from 'fastify'
import { AppError, type ErrorCode } from '../../core/errors.ts'
import { MoneybirdRefusal, refusals } from './refusal.ts'
import { windowHeaders } from './request-window.ts'

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
