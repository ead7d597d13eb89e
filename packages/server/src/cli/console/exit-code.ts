import { RefusedError, TidingsError } from '@tidings/client'
import { CommanderError } from 'commander'
import { AppError, type ErrorCode } from '../../core/errors.ts'
import { FailedStart } from './server-start.ts'

/** What the exit codes mean; `tidings --help` shows them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  unauthorized: 3,
  unreachable: 4,
  refused: 5,
  tryLater: 6,
  interrupted: 130,
} as const

export type ExitName = keyof typeof exitCodes

export const exitMeanings: Record<ExitName, string> = {
  done: 'done',
  failed: 'failed: some events were refused, a check failed, or a bug',
  usage: 'wrong use, faulty configuration, or a server that could not start',
  unauthorized: 'no key, a wrong one, or one that may not do this',
  unreachable: 'no answer from the server',
  refused: 'the server refused the request: see the message',
  tryLater: 'the server cannot do it now: try again later',
  interrupted: 'interrupted with Ctrl-C before it was done',
}

/** Codes that the client makes itself, beside the server's. */
type ClientCode = 'unreachable' | 'timeout' | 'invalid_answer' | 'usage'

const byCode: Record<ErrorCode | ClientCode, ExitName> = {
  invalid_request: 'refused',
  malformed_request: 'refused',
  invalid_json: 'refused',
  invalid_event: 'refused',
  invalid_offset: 'refused',
  id_reused: 'refused',
  unauthorized: 'unauthorized',
  forbidden: 'unauthorized',
  not_found: 'refused',
  method_not_allowed: 'refused',
  not_implemented: 'refused',
  precondition_failed: 'refused',
  conflict: 'refused',
  subscription_disabled: 'refused',
  payload_too_large: 'refused',
  headers_too_large: 'refused',
  uri_too_long: 'refused',
  unsupported_media_type: 'refused',
  request_timeout: 'tryLater',
  rate_limited: 'tryLater',
  overloaded: 'tryLater',
  storage_unavailable: 'tryLater',
  authority_unavailable: 'tryLater',
  shutting_down: 'tryLater',
  unsafe_store: 'failed',
  invalid_configuration: 'usage',
  internal: 'failed',
  unreachable: 'unreachable',
  timeout: 'unreachable',
  invalid_answer: 'failed',
  usage: 'usage',
}

export function exitNameOf(error: unknown): ExitName {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'done' : 'usage'
  if (error instanceof FailedStart) return 'usage'
  if (error instanceof AppError || error instanceof TidingsError) {
    if (Object.hasOwn(byCode, error.code)) return byCode[error.code as ErrorCode]
    // A newer server's code: its status says enough.
    if (error instanceof RefusedError) return error.status >= 500 ? 'tryLater' : 'refused'
  }
  return 'failed'
}
