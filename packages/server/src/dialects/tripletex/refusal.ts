import { AppError, type ErrorCode } from '../../core/errors.ts'

/** One fault, as `validationMessages` shows it. */
export interface ValidationMessage {
  readonly field: string
  readonly message: string
  /** Where in a list, as `[1].targetUrl`; null: the request is no list. */
  readonly path: string | null
}

/** The vendor's codes, each with its status and its message. */
const kinds = {
  internal: { status: 500, code: 1000, message: 'Internal error' },
  unauthorized: { status: 401, code: 3000, message: 'Unauthorized' },
  badRequest: { status: 400, code: 4000, message: 'Bad request' },
  notImplemented: { status: 501, code: 4000, message: 'HTTP 501 Not Implemented' },
  wrongMethod: { status: 400, code: 4000, message: 'HTTP 405 Method Not Allowed' },
  notFound: { status: 404, code: 6000, message: 'Object not found' },
  revision: { status: 409, code: 8000, message: 'RevisionException' },
  fields: { status: 400, code: 11000, message: 'Illegal field in fields filter' },
  parameter: { status: 422, code: 15000, message: 'Validation of a parameter failed' },
  mapping: { status: 422, code: 16000, message: 'Request mapping failed' },
  sorting: { status: 422, code: 17000, message: 'Illegal sorting' },
  validation: { status: 422, code: 18000, message: 'Validation failed' },
  json: { status: 422, code: 22000, message: 'Invalid JSON' },
  tooManyRequests: { status: 429, code: null, message: 'Too many requests' },
  tooLarge: { status: 413, code: 4000, message: 'The request is too large' },
  mediaType: { status: 415, code: 4000, message: 'Unsupported media type' },
  tooSlow: { status: 408, code: 4000, message: 'The request came too slowly' },
  unavailable: { status: 503, code: 1000, message: 'Try again later' },
} as const
type TripletexErrorKind = keyof typeof kinds

/** A refusal in the vendor's words. */
export class TripletexError extends Error {
  readonly status: number
  readonly code: number | null
  readonly developerMessage: string | null
  readonly validationMessages: readonly ValidationMessage[]
  readonly retryAfterSeconds: number | undefined

  constructor(
    kind: TripletexErrorKind,
    developerMessage: string | null = null,
    options: { validationMessages?: readonly ValidationMessage[]; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(kinds[kind].message)
    this.name = 'TripletexError'
    this.status = kinds[kind].status
    this.code = kinds[kind].code
    this.developerMessage = developerMessage
    this.validationMessages = options.validationMessages ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** A refusal for faults of fields, in its words and one by one. */
export function refusalOf(
  kind: 'parameter' | 'mapping' | 'sorting' | 'validation' | 'fields',
  faults: readonly ValidationMessage[],
): TripletexError {
  const text = faults.map(({ field, message }) => `${field}: ${message}`).join('; ')
  return new TripletexError(kind, text, { validationMessages: faults })
}

/** All seven keys stand in every body, null where empty. */
export function errorBody(error: TripletexError, requestId: string): object {
  const { status, code, message, developerMessage, validationMessages } = error
  return {
    status,
    code,
    message,
    link: null,
    developerMessage,
    validationMessages:
      validationMessages.length === 0 ? null : validationMessages.map((fault) => ({ ...fault, rootId: null })),
    requestId,
  }
}

const kindOf: Record<ErrorCode, TripletexErrorKind> = {
  malformed_request: 'badRequest',
  invalid_request: 'validation',
  invalid_json: 'json',
  invalid_event: 'validation',
  invalid_offset: 'validation',
  id_reused: 'validation',
  unauthorized: 'unauthorized',
  forbidden: 'unauthorized',
  not_found: 'notFound',
  method_not_allowed: 'wrongMethod',
  not_implemented: 'notImplemented',
  precondition_failed: 'badRequest',
  conflict: 'revision',
  subscription_disabled: 'revision',
  payload_too_large: 'tooLarge',
  headers_too_large: 'tooLarge',
  uri_too_long: 'tooLarge',
  unsupported_media_type: 'mediaType',
  request_timeout: 'tooSlow',
  rate_limited: 'tooManyRequests',
  overloaded: 'unavailable',
  storage_unavailable: 'unavailable',
  authority_unavailable: 'unavailable',
  shutting_down: 'unavailable',
  unsafe_store: 'internal',
  invalid_configuration: 'internal',
  internal: 'internal',
}

const framework: Readonly<Record<string, TripletexErrorKind>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'tooLarge',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'badRequest',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'mediaType',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'json',
}

/** Any error as the vendor would answer it. What is a bug says nothing of what happened inside. */
export function toTripletexError(error: unknown): TripletexError {
  if (error instanceof TripletexError) return error
  if (error instanceof AppError) {
    const validationMessages = error.errors.map(({ pointer, detail }) => ({
      field: pointer.split('/').at(-1) ?? '',
      message: detail,
      path: null,
    }))
    return new TripletexError(kindOf[error.code], error.message, {
      validationMessages,
      retryAfterSeconds: error.retryAfterSeconds,
    })
  }
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  const kind = framework[code ?? '']
  if (kind) return new TripletexError(kind)
  return new TripletexError(statusCode !== undefined && statusCode < 500 ? 'badRequest' : 'internal')
}
