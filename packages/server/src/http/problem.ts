import type { ErrorCode, FieldError } from '../core/errors.ts'
import { AppError } from '../core/errors.ts'

/** The HTTP status of each refusal. */
export const statusOf: Record<ErrorCode, number> = {
  malformed_request: 400,
  invalid_request: 422,
  invalid_json: 400,
  invalid_event: 422,
  invalid_offset: 400,
  id_reused: 422,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_implemented: 501,
  precondition_failed: 412,
  conflict: 409,
  subscription_disabled: 409,
  payload_too_large: 413,
  headers_too_large: 431,
  uri_too_long: 414,
  unsupported_media_type: 415,
  request_timeout: 408,
  rate_limited: 429,
  overloaded: 503,
  storage_unavailable: 503,
  authority_unavailable: 503,
  shutting_down: 503,
  unsafe_store: 500,
  invalid_configuration: 500,
  internal: 500,
}

const titles: Record<ErrorCode, string> = {
  malformed_request: 'The request cannot be read',
  invalid_request: 'The request has faults',
  invalid_json: 'The body is not acceptable JSON',
  invalid_event: 'The events have faults',
  invalid_offset: 'The offset cannot be used',
  id_reused: 'An event id was used before',
  unauthorized: 'Authentication is needed',
  forbidden: 'This key may not do that',
  not_found: 'Not found',
  method_not_allowed: 'This method is not allowed here',
  not_implemented: 'The server does not do this',
  precondition_failed: 'A condition of the request does not hold',
  conflict: 'The request conflicts with the present state',
  subscription_disabled: 'The subscription is disabled',
  payload_too_large: 'The body is too large',
  headers_too_large: 'The headers are too large',
  uri_too_long: 'The URL is too long',
  unsupported_media_type: 'This content type is not accepted',
  request_timeout: 'The request came too slowly',
  rate_limited: 'Too many requests',
  overloaded: 'Too much is waiting',
  storage_unavailable: 'The store refused',
  authority_unavailable: 'The access token cannot be checked',
  shutting_down: 'The server is stopping',
  unsafe_store: 'The store is not safe',
  invalid_configuration: 'The configuration has faults',
  internal: 'Something went wrong',
}

/** RFC 9457. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
  readonly errors?: readonly FieldError[]
}

export function problemOf(error: AppError, status = statusOf[error.code]): Problem {
  return {
    type: `urn:tidings:problem:${error.code}`,
    title: titles[error.code],
    status,
    code: error.code,
    detail: error.message,
    ...(error.errors.length > 0 ? { errors: error.errors } : {}),
  }
}

/** Says nothing of what happened inside: the log has it. */
export const internalError = new AppError(
  'internal',
  'The server could not handle this request because of a fault of its own. The operator finds the cause in the log of the server.',
)
export const notFound = new AppError('not_found', 'There is nothing at this address, or your key may not see it.')
