import { RefusedError, TidingsError, UnreachableError } from '@tidings/client'
import { AppError, type FieldError } from '../../core/errors.ts'
import { systemWords } from '../../core/text/system-words.ts'
import { FailedStart } from './server-start.ts'

/** What a failed command tells: what is wrong, every fault, and what to do next. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly errors: readonly FieldError[]
  readonly hint: string | undefined
}

/** @param identity how the command was authenticated, for the advice. */
export function failureOf(error: unknown, identity: 'none' | 'key' | 'client'): Failure {
  if (error instanceof RefusedError)
    return { code: error.code, message: error.message, errors: error.errors, hint: refusalHint(error, identity) }
  if (error instanceof UnreachableError)
    return { code: error.code, message: error.message, errors: [], hint: unreachableHint(error) }
  if (error instanceof TidingsError) return { code: error.code, message: error.message, errors: [], hint: undefined }
  if (error instanceof FailedStart) return startFailure(error.cause)
  // An AppError's message already holds its faults, one a line.
  if (error instanceof AppError) return { code: error.code, message: error.message, errors: [], hint: undefined }
  if (isSystemError(error)) return { code: error.code, message: systemMessage(error), errors: [], hint: undefined }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    code: 'internal',
    message,
    errors: [],
    hint: 'This is a bug in Tidings. Please report it with the lines above.',
  }
}

/** Without a stack: an operator at night reads what to do, and `--log-level debug` shows the rest. */
function startFailure(cause: unknown): Failure {
  if (cause instanceof AppError && cause.code !== 'internal')
    return { code: cause.code, message: cause.message, errors: [], hint: undefined }
  const message = isSystemError(cause) ? systemMessage(cause) : cause instanceof Error ? cause.message : String(cause)
  return {
    code: 'internal',
    message: `The server could not start: ${message}`,
    errors: [],
    hint: 'Start it with --log-level debug to see where. If the reason is not on this machine, report it as a bug in Tidings.',
  }
}

function systemMessage(error: NodeJS.ErrnoException): string {
  const words = systemWords(error)
  return error.path === undefined ? words : `${error.path}: ${words}`
}

function unreachableHint(error: UnreachableError): string {
  switch (error.reason) {
    case 'ECONNREFUSED':
      return 'Is the server running? Start it with: tidings start. Another address? Give --url or TIDINGS_URL.'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'There is no such host. Check --url or TIDINGS_URL.'
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'The connection broke: the server may be restarting. Try again.'
    default:
      return 'Check --url or TIDINGS_URL, and that the server is running.'
  }
}

function refusalHint(error: RefusedError, identity: 'none' | 'key' | 'client'): string | undefined {
  if (error.status === 401) {
    if (identity === 'none')
      return 'Give a key with --key or TIDINGS_KEY, or an integration with --client-id and --client-secret.'
    return identity === 'key'
      ? 'The server does not know this key. Check --key, TIDINGS_KEY and TIDINGS_ADMIN_KEY; was it deleted?'
      : 'The server does not know this integration. Check --client-id and --client-secret.'
  }
  if (error.status === 403) return 'This key may not do that. Operator commands need an admin key.'
  if (error.retryAfterSeconds !== undefined) return `Try again in ${error.retryAfterSeconds} s.`
  return undefined
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}
