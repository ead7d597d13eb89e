import { accessSync, constants } from 'node:fs'
import type { Config } from '../config/config.ts'
import { AppError } from '../core/errors.ts'
import { systemWords } from '../core/text/system-words.ts'
import { refuseUnfinishedRestore } from '../engines/sqlite/unfinished-restore.ts'
import { makeDirectory } from '../process/directory-making.ts'

/** A directory of the store, and the setting that names it. */
export interface StorePlace {
  readonly directory: string
  readonly setting: string
}

export interface StorePlaces {
  readonly data: StorePlace
  readonly log: StorePlace
  readonly state: StorePlace
}

export function storePlaces(config: Config): StorePlaces {
  const data = { directory: config.data, setting: '--data (TIDINGS_DATA)' }
  const at = (url: string, setting: string) => (url === '' ? data : { directory: url.replace(/^sqlite:/, ''), setting })
  return { data, log: at(config.log, '--log (TIDINGS_LOG)'), state: at(config.db, '--db (TIDINGS_DB)') }
}

/**
 * Makes the directories that are not there yet.
 * @throws AppError `invalid_configuration` where that is not possible, or this user may not write; `unsafe_store`
 */
export function makeStorePlaces(places: StorePlaces): void {
  for (const { directory, setting } of new Set([places.data, places.log, places.state])) {
    refuseUnfinishedRestore(directory)
    try {
      makeDirectory(directory)
      accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (cause) {
      throw new AppError(
        'invalid_configuration',
        `The directory ${directory} cannot be used: ${systemWords(cause)}. Give ${setting} a directory in which this user may make files.`,
        { cause },
      )
    }
  }
}

/** Says of what an engine refused as it was opened which directory it is, and which setting names that. */
export async function openedAt<T>({ directory, setting }: StorePlace, opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    const advice =
      cause.code === 'storage_unavailable'
        ? ` Look at its files, their owner and the disk: tidings doctor --data ${directory}`
        : ''
    throw new AppError(
      cause.code,
      `The store in ${directory}, which ${setting} names, cannot be opened: ${cause.message}.${advice}`.replace(
        '..',
        '.',
      ),
      { cause },
    )
  }
}
