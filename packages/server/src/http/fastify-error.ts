import type { FastifyError } from 'fastify'
import { AppError, type FieldError, mostFaults } from '../core/errors.ts'
import { pointerTo } from '../core/json/json-pointer.ts'
import { internalError, notFound } from './problem.ts'

const fastifyCodes: Readonly<Record<string, AppError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new AppError('payload_too_large', 'The body is larger than this route accepts.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new AppError(
    'unsupported_media_type',
    'Send JSON with `Content-Type: application/json`.',
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new AppError(
    'malformed_request',
    'The body is not as long as Content-Length says.',
  ),
  FST_ERR_CTP_EMPTY_JSON_BODY: new AppError('invalid_json', 'The body is empty.'),
  FST_ERR_BAD_URL: notFound,
  FST_ERR_ASYNC_CONSTRAINT: notFound,
  FST_ERR_MAX_PARAM_LENGTH: notFound,
  FST_ERR_ROUTE_MISSING_HANDLER: notFound,
}

/** What Fastify refused, as a refusal of ours. */
export function fromFastify(error: FastifyError): AppError {
  const known = fastifyCodes[error.code]
  if (known) return known
  if (!error.validation) return internalError
  const errors = error.validation.slice(0, mostFaults).map((fault): FieldError => {
    const property = fault.params.additionalProperty ?? fault.params.missingProperty
    return {
      pointer: property === undefined ? fault.instancePath : pointerTo(fault.instancePath, String(property)),
      code: fault.keyword === 'additionalProperties' ? 'unknown_field' : fault.keyword,
      detail: fault.keyword === 'additionalProperties' ? 'There is no such field.' : (fault.message ?? 'is not valid'),
    }
  })
  const place = error.validationContext === 'body' ? 'body' : (error.validationContext ?? 'request')
  return new AppError('invalid_request', `The ${place} has faults. Fix the problems listed in \`errors\`.`, { errors })
}
