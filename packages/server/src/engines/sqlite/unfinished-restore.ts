import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../core/errors.ts'

/** A directory in the data directory for as long as a restore has not put everything in place. */
export const restoringName = 'restoring'

/**
 * A restore that was killed leaves files that may be a part of a store: nobody may start on them, or copy them.
 * @throws AppError `unsafe_store`
 */
export function refuseUnfinishedRestore(directory: string): void {
  if (!existsSync(join(directory, restoringName))) return
  throw new AppError(
    'unsafe_store',
    `A restore into ${directory} was interrupted. Run it again: tidings restore <backup> --data ${directory}`,
  )
}
