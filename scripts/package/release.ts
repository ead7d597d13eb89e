import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../packages/server/package.json' with { type: 'json' }

export const root = join(import.meta.dirname, '..', '..')
/** What is made, and nothing else: what is given to others. */
export const output = join(root, 'dist')
/** Steps between. */
const work = join(root, 'node_modules', '.cache', 'tidings', 'package')

export const { version } = manifest

/** As Debian names processors. */
const debianArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
export const debianArchitecture = debianArchitectures[process.arch]

export const executableName = `tidings-${version}-${process.platform}-${process.arch}`
export const debianName = `tidings_${version}_${debianArchitecture}.deb`

/** An empty directory for one step. */
export function workDirectory(step: string): string {
  const directory = join(work, step)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  return directory
}

/**
 * The time that files of a package bear, in seconds: the same sources give the same package.
 * See https://reproducible-builds.org/specs/source-date-epoch/
 */
export function sourceTime(): string {
  if (process.env.SOURCE_DATE_EPOCH) return process.env.SOURCE_DATE_EPOCH
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    // Sources without their history.
    return '0'
  }
}
