/**
 * Every refusal that a caller can see has a code from this one list. The edges map codes to HTTP
 * statuses, exit codes and close codes with `Record<ErrorCode, …>` tables.
 */
export const errorCodes = [
  'malformed_request',
  'invalid_request',
  'invalid_json',
  'invalid_event',
  'invalid_offset',
  'id_reused',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'not_implemented',
  'precondition_failed',
  'conflict',
  'subscription_disabled',
  'payload_too_large',
  'headers_too_large',
  'uri_too_long',
  'unsupported_media_type',
  'request_timeout',
  'rate_limited',
  'overloaded',
  'storage_unavailable',
  'authority_unavailable',
  'shutting_down',
  'unsafe_store',
  'invalid_configuration',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** One fault in a request. `pointer` is a JSON Pointer (RFC 6901) into the body, as `/0/tenantId`. */
export interface FieldError {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** Of a resource, told at once: nobody mends more, and a body of a mebibyte may have a hundred thousand. */
export const mostFaults = 100

/** A refusal. `message` says what is wrong and what to do next; it never carries a secret. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly errors: readonly FieldError[]
  /** Seconds after which trying again makes sense, when it does. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { errors?: readonly FieldError[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.errors = options.errors ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
