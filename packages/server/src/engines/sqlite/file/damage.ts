import { AppError } from '../../../core/errors.ts'

/**
 * The refusal for what a checksum, or a row that is missing, shows to have changed on disk.
 * @param what in words, as the subject of a sentence in the singular
 */
export function damaged(what: string): AppError {
  return new AppError('storage_unavailable', `${what} is damaged on disk and is not served; restore a backup`)
}
