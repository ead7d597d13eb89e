import { readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { systemWords } from '../../core/text/system-words.ts'
import { UsageError } from './usage-error.ts'

/**
 * A file that is named on the command line, opened before anything is done with it: a stream that cannot be opened
 * fails at a time when nobody listens.
 * @throws UsageError
 */
export async function openInputFile(path: string): Promise<FileHandle> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  if (!(await file.stat()).isDirectory()) return file
  await file.close()
  throw new UsageError(`${path} is a directory: give a file`)
}

/** @throws UsageError */
export function readInputFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): UsageError {
  return new UsageError(`${path} cannot be read: ${systemWords(error)}`)
}
