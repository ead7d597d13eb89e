import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../core/errors.ts'
import { type Check, fail, ok, warn } from './check.ts'

const fewestFiles = 4_096

/** @param checkSqlite throws AppError for a version that is not safe. */
export function checkNode(checkSqlite: (version: string) => void): Check {
  const database = new DatabaseSync(':memory:')
  const version = String(database.prepare('SELECT sqlite_version() AS version').get()!.version)
  database.close()
  const detail = `Node ${process.versions.node}, SQLite ${version}`
  try {
    checkSqlite(version)
    return ok('runtime', detail)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return fail('runtime', detail, { why: 'The server does not start on it.', advice: error.message })
  }
}

export function checkLimits(): Check {
  const limits = existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : ''
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN)
  if (!(files < fewestFiles)) return ok('open files', Number.isNaN(files) ? 'no limit known' : `up to ${files}`)
  return warn('open files', `up to ${files}`, {
    why: 'Every connection is one: beyond it, receivers and readers are turned away.',
    advice: 'Raise it: ulimit -n 65536, or LimitNOFILE=65536 in the systemd unit.',
  })
}
