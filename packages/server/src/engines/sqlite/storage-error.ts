import { AppError } from '../../core/errors.ts'

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html) that say something about the disk. */
const transient: Readonly<Record<number, string>> = {
  5: 'the database is locked by another process',
  7: 'memory ran out',
  8: 'the disk is read-only',
  10: 'the disk reports an input or output error',
  13: 'the disk is full',
  14: 'a database file cannot be opened',
}
const damaged: Readonly<Record<number, string>> = {
  11: 'the database is damaged',
  26: 'a file is no database',
}
const systemErrors = new Set(['ENOSPC', 'EIO', 'EROFS', 'EDQUOT', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM'])

/** The refusal that an error of SQLite or of the file system amounts to; any other error is a bug and comes back as it is. */
export function storageError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error
  const { errcode, code } = error as Error & { errcode?: number; code?: string }
  const primary = (errcode ?? 0) & 0xff
  const reason = transient[primary] ?? (code && systemErrors.has(code) ? error.message : undefined)
  if (reason) {
    return new AppError('storage_unavailable', `the store cannot be used now: ${reason}`, {
      retryAfterSeconds: 5,
      cause: error,
    })
  }
  if (damaged[primary]) {
    return new AppError('unsafe_store', `${damaged[primary]}; restore a backup (${error.message})`, { cause: error })
  }
  return error
}
