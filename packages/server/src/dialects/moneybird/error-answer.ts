import type { FastifyReply } from 'fastify'
import { AppError, type ErrorCode } from '../../core/errors.ts'
import { MoneybirdRefusal, refusals } from './refusal.ts'
import { windowHeaders } from './request-window.ts'

/** How refusals of the server itself read in this contract; absent: they are bugs, and the server's to answer. */
const answers: Partial<Record<ErrorCode, () => MoneybirdRefusal>> = {
  unauthorized: refusals.unauthorized,
  not_found: refusals.notFound,
  invalid_json: refusals.unreadable,
  malformed_request: refusals.unreadable,
  rate_limited: refusals.retryLater,
  conflict: () => new MoneybirdRefusal(409, { error: 'The webhook was changed by others at the same time' }),
  storage_unavailable: () => new MoneybirdRefusal(503, { error: 'Temporarily unavailable' }),
  authority_unavailable: () => new MoneybirdRefusal(503, { error: 'Temporarily unavailable' }),
  shutting_down: () => new MoneybirdRefusal(503, { error: 'Temporarily unavailable' }),
}

/** @throws what is no refusal */
export function sendRefusal(error: unknown, reply: FastifyReply, nowMs: number): FastifyReply {
  const refusal = refusalOf(error)
  if (!refusal) throw error
  if (refusal.status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="API"')
  if (error instanceof AppError && error.retryAfterSeconds !== undefined) {
    const resetSeconds = Math.ceil(nowMs / 1_000 + error.retryAfterSeconds)
    void reply.headers({ ...windowHeaders({ remaining: 0, resetSeconds }), 'Retry-After': resetSeconds })
  }
  const { body } = refusal
  if (typeof body === 'string') return reply.code(refusal.status).type('text/plain; charset=utf-8').send(body)
  return reply.code(refusal.status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}

function refusalOf(error: unknown): MoneybirdRefusal | undefined {
  if (error instanceof MoneybirdRefusal) return error
  if (error instanceof AppError) return answers[error.code]?.()
  switch ((error as { code?: string }).code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new MoneybirdRefusal(415, { error: 'Send JSON' })
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new MoneybirdRefusal(413, { error: 'The request body is too large' })
    default:
      return undefined
  }
}
