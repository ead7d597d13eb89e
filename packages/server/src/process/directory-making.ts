import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory, for its owner alone, and what is missing above it. Node's own `recursive` goes round for
 * ever where a directory is there and nothing can be made in it, as below /proc.
 * @returns the uppermost that was made; undefined: all were there
 * @throws the system's error
 */
export function makeDirectory(path: string): string | undefined {
  try {
    mkdirSync(path, { mode: 0o700 })
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && isDirectory(path)) return undefined
    const parent = dirname(path)
    if (code !== 'ENOENT' || parent === path || isDirectory(parent)) throw error
    const above = makeDirectory(parent)
    const made = makeDirectory(path)
    return above ?? made
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
