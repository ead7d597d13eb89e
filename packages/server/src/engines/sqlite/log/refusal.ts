import { AppError } from '../../../core/errors.ts'
import { storageError } from '../file/storage-error.ts'
import type { ThreadRefusal } from './messages.ts'

/** What a worker answers when something was thrown. What is not the disk's fault is a bug, and says so. */
export function refusalOf(thrown: unknown): ThreadRefusal {
  const error = storageError(thrown)
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, retryAfterSeconds: error.retryAfterSeconds }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'internal', message: `the event log failed: ${message}`, retryAfterSeconds: undefined }
}

export function errorOf({ code, message, retryAfterSeconds }: ThreadRefusal): AppError {
  return new AppError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
}
