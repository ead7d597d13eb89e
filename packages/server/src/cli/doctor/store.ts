import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Check, fail, ok } from './check.ts'

const name = 'store'
const mib = 1024 * 1024
const why = 'The server does not start on this store, or refuses every request that needs the damaged part.'

export interface StoreParts {
  readonly data: string
  /** The files of `data`. */
  readonly names: readonly string[]
  readonly isInUse: boolean
  /** What is wrong in a store beyond what SQLite itself notices. */
  readonly damageIn: (directory: string) => readonly { readonly file: string; readonly detail: string }[]
}

/** A store in use is left alone; of one that is not, everything is gone through. */
export function checkStore({ data, names, isInUse, damageIn }: StoreParts): readonly Check[] {
  if (names.includes('restoring')) {
    return [
      fail(name, `a restore into ${data} was interrupted`, {
        why: 'The store is incomplete, so no server starts on it.',
        advice: `Run it again: tidings restore <backup> --data ${data} --master-key-file <file>`,
      }),
    ]
  }
  const files = names.filter((each) => each.endsWith('.db')).map((each) => join(data, each))
  if (files.length === 0) return [ok(name, `${data} has no store yet; the first start creates it`)]
  // A large log is not read through while a server needs the disk.
  if (isInUse) return files.map((file) => ok(name, `${file} is in use by a server (${sizeOf(file)})`))
  const checks = files.map((file) => checkDatabase(file, data))
  if (checks.some(({ status }) => status !== 'ok')) return checks
  return [...checks, ...damageIn(data).map(({ file, detail }) => damagedStore(`${file}: ${detail}`, data))]
}

/** Whether a server holds the directory's lock. */
export function isInUse(data: string): boolean {
  const file = join(data, 'log.lock')
  if (!existsSync(file)) return false
  try {
    const lock = new DatabaseSync(file, { timeout: 0 })
    try {
      lock.exec('BEGIN EXCLUSIVE; COMMIT')
      return false
    } finally {
      lock.close()
    }
  } catch (error) {
    // 5: SQLITE_BUSY. That this user may not open it says nothing about others.
    return (((error as { errcode?: number }).errcode ?? 0) & 0xff) === 5
  }
}

function checkDatabase(file: string, data: string): Check {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 200 })
    try {
      const rows = database.prepare('PRAGMA quick_check(5)').all()
      const found = rows.map((row) => String(Object.values(row)[0]))
      if (found.length === 1 && found[0] === 'ok') return ok(name, `${file} is sound (${sizeOf(file)})`)
      return damagedStore(`${file} is damaged: ${found.join('; ')}`, data)
    } finally {
      database.close()
    }
  } catch (error) {
    return damagedStore(`${file} cannot be read: ${(error as Error).message}`, data)
  }
}

function damagedStore(detail: string, data: string): Check {
  const restore = `mv ${data} ${data}.before && tidings restore <backup> --data ${data} --master-key-file <file>`
  const cannotRead = 'This Tidings cannot read it.'
  if (/newer Tidings/.test(detail)) {
    const advice = 'Install the newer Tidings that wrote it, or restore an older backup.'
    return fail(name, detail, { why: cannotRead, advice })
  }
  if (/a format that this Tidings does not know/.test(detail)) {
    const advice = `Give Tidings another --data directory, or keep this one aside and restore a backup: ${restore}`
    return fail(name, detail, { why: cannotRead, advice })
  }
  return fail(name, detail, { why, advice: `Keep what there is and restore the last backup: ${restore}` })
}

function sizeOf(file: string): string {
  return `${(statSync(file).size / mib).toFixed(1)} MiB`
}
