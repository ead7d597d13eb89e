import { AppError } from '../../../core/errors.ts'

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html) that say something about the disk. */
const refusing: Readonly<Record<number, string>> = {
  5: 'the database is locked by another process',
  7: 'memory ran out',
  8: 'the disk is read-only',
  10: 'the disk reports an input or output error',
  13: 'the disk is full',
  14: 'a database file cannot be opened',
}
const damaged: Readonly<Record<number, string>> = {
  // Of a disk that reports an error as it is read, SQLite says the same.
  11: 'the database is damaged, or cannot be read now',
  26: 'a file is no database',
}
/** Node's error code for an integer that no double holds. Tidings never writes one, so it can only be damage. */
const outOfRange = 'ERR_OUT_OF_RANGE'
const systemErrors = new Set(['ENOSPC', 'EIO', 'EROFS', 'EDQUOT', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM'])

/** Whether SQLite takes what it read, or could not read, for damage. */
function isDamage(error: unknown): boolean {
  const { errcode = 0, code } = error as { errcode?: number; code?: string }
  return damaged[errcode & 0xff] !== undefined || code === outOfRange
}

/**
 * The refusal that an error of SQLite or of the file system amounts to; any other error is a bug and
 * comes back as it is. Damage too is a reason to come back: it may be the disk's, for a moment.
 */
export function storageError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error
  const { errcode, code } = error as Error & { errcode?: number; code?: string }
  const primary = (errcode ?? 0) & 0xff
  const reason = refusing[primary] ?? (code && systemErrors.has(code) ? error.message : undefined)
  if (reason) {
    return new AppError('storage_unavailable', `The store cannot be used at the moment: ${reason}`, {
      retryAfterSeconds: 5,
      cause: error,
    })
  }
  if (isDamage(error)) {
    return new AppError(
      'storage_unavailable',
      `${damaged[primary] ?? damaged[11]}; if that lasts, restore a backup (${error.message})`,
      {
        retryAfterSeconds: 5,
        cause: error,
      },
    )
  }
  return error
}

/** The same for opening: what is damaged then is not safe to start with. A schema that is not the one written is damage too. */
export function openingError(error: unknown): unknown {
  const isOtherSchema = ((error as { errcode?: number }).errcode ?? 0) === 1
  if (!isDamage(error) && !isOtherSchema) return storageError(error)
  return new AppError('unsafe_store', `the database is damaged; restore a backup (${(error as Error).message})`, {
    cause: error,
  })
}
