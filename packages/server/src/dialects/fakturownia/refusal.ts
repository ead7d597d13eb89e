import type { FastifyError, FastifyReply } from 'fastify'
import { AppError, type ErrorCode } from '../../core/errors.ts'
import type { Locale } from './settings.ts'
import { type TextKey, texts } from './texts.ts'

/** What is wrong with a webhook's attributes: a text for each. */
export type AttributeFaults = Readonly<Partial<Record<'kind' | 'url' | 'api_token' | 'active' | 'method', TextKey>>>

/** 422 with the attributes at fault. */
export class InvalidAttributes extends Error {
  readonly faults: AttributeFaults

  constructor(faults: AttributeFaults) {
    super('The attributes have faults.')
    this.faults = faults
  }
}

const answers: Record<ErrorCode, readonly [status: number, text: TextKey]> = {
  malformed_request: [400, 'malformed'],
  invalid_request: [422, 'malformed'],
  invalid_json: [400, 'malformed'],
  invalid_event: [422, 'malformed'],
  invalid_offset: [400, 'malformed'],
  id_reused: [422, 'malformed'],
  unauthorized: [401, 'unauthorized'],
  forbidden: [403, 'unauthorized'],
  not_found: [404, 'notFound'],
  method_not_allowed: [404, 'notFound'],
  not_implemented: [501, 'malformed'],
  precondition_failed: [412, 'malformed'],
  conflict: [409, 'conflict'],
  subscription_disabled: [409, 'conflict'],
  payload_too_large: [413, 'tooLarge'],
  headers_too_large: [431, 'tooLarge'],
  uri_too_long: [414, 'tooLarge'],
  unsupported_media_type: [415, 'malformed'],
  request_timeout: [408, 'malformed'],
  rate_limited: [429, 'tooMany'],
  overloaded: [503, 'unavailable'],
  storage_unavailable: [503, 'unavailable'],
  authority_unavailable: [503, 'unavailable'],
  shutting_down: [503, 'unavailable'],
  unsafe_store: [500, 'failed'],
  invalid_configuration: [500, 'failed'],
  internal: [500, 'failed'],
}

/**
 * Answers a refusal: `{"code":"error","message":"<text>"}`, or for attributes
 * `{"code":"error","message":{"url":["- nie może być puste"]}}`. Returns false when it was no refusal but
 * a failure of the server.
 */
export function sendRefusal(reply: FastifyReply, error: unknown, locale: Locale): boolean {
  const say = texts[locale]
  if (error instanceof InvalidAttributes) {
    const message = Object.fromEntries(Object.entries(error.faults).map(([name, key]) => [name, [say[key]]]))
    void reply.code(422).send({ code: 'error', message })
    return true
  }
  const [status, key] = answerOf(error)
  if (error instanceof AppError && error.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)))
  }
  if (status === 408 || status === 413) reply.header('connection', 'close')
  void reply.code(status).send({ code: 'error', message: say[key] })
  return status !== 500
}

function answerOf(error: unknown): readonly [status: number, text: TextKey] {
  if (error instanceof AppError) return answers[error.code]
  switch ((error as FastifyError).statusCode) {
    case 400:
      return answers.malformed_request
    case 404:
      return answers.not_found
    case 413:
      return answers.payload_too_large
    case 415:
      return answers.unsupported_media_type
    default:
      return answers.internal
  }
}
