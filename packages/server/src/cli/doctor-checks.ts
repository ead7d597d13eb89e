import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { access, constants, readdir, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../core/errors.ts'

export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do about it. */
  readonly advice?: string
}

const mib = 1024 * 1024
const leastFreeBytes = 100 * mib
const lowFreeBytes = 1024 * mib
const slowSyncMs = 20
const largestSkewMs = 5_000

/** @param checkSqlite throws AppError for a version that is not safe. */
export function checkNode(checkSqlite: (version: string) => void): readonly Check[] {
  const database = new DatabaseSync(':memory:')
  const version = String(database.prepare('SELECT sqlite_version() AS version').get()!.version)
  database.close()
  const detail = `Node ${process.versions.node}, SQLite ${version}`
  try {
    checkSqlite(version)
    return [{ name: 'runtime', status: 'ok', detail }]
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return [{ name: 'runtime', status: 'fail', detail, advice: error.message }]
  }
}

/**
 * A database in use is left alone; of a store that is not, everything is gone through.
 * @param damageIn what is wrong in a store beyond what SQLite itself notices
 */
export async function checkStore(
  data: string,
  damageIn: (directory: string) => readonly { readonly file: string; readonly detail: string }[],
): Promise<readonly Check[]> {
  if (!existsSync(data)) {
    const parent = existing(resolve(data))
    const isWritable = await mayWrite(parent)
    return [
      isWritable
        ? { name: 'store', status: 'ok', detail: `${data} is not there yet; the first start makes it` }
        : {
            name: 'store',
            status: 'fail',
            detail: `${data} cannot be made`,
            advice: `Let this user write to ${parent}.`,
          },
    ]
  }
  if (!(await mayWrite(data)))
    return [
      { name: 'store', status: 'fail', detail: `${data} is not writable`, advice: 'Let this user own it: chown -R' },
    ]
  const files = (await readdir(data)).filter((name) => /\.(db|sqlite3?)$/.test(name))
  // A large log is not read through while a server needs the disk.
  const isRunning = isInUse(data)
  const checks = files.map((name) => (isRunning ? inUse(join(data, name)) : checkDatabase(join(data, name))))
  const isSound = checks.every(({ status }) => status === 'ok')
  if (!isRunning && isSound) {
    for (const { file, detail } of damageIn(data)) {
      checks.push({
        name: 'store',
        status: 'fail',
        detail: `${file}: ${detail}`,
        advice: 'Keep a copy of the directory, and restore the last backup.',
      })
    }
  }
  if (files.length === 0) checks.push({ name: 'store', status: 'ok', detail: `${data} is empty` })
  const master = join(data, 'master.key')
  if (existsSync(master) && (statSync(master).mode & 0o077) !== 0)
    checks.push({
      name: 'master key',
      status: 'warn',
      detail: `${master} can be read by other users`,
      advice: `Run: chmod 600 ${master}`,
    })
  return checks
}

/** Whether a server holds the directory's lock. */
function isInUse(data: string): boolean {
  const file = join(data, 'log.lock')
  if (!existsSync(file)) return false
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE; COMMIT')
    return false
  } catch {
    return true
  } finally {
    lock.close()
  }
}

function inUse(file: string): Check {
  return { name: 'store', status: 'ok', detail: `${file} is in use by a server (${sizeOf(file)})` }
}

function sizeOf(file: string): string {
  return `${(statSync(file).size / mib).toFixed(1)} MiB`
}

function checkDatabase(file: string): Check {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 200 })
    try {
      const rows = database.prepare('PRAGMA quick_check(5)').all()
      const found = rows.map((row) => String(Object.values(row)[0]))
      if (found.length === 1 && found[0] === 'ok')
        return { name: 'store', status: 'ok', detail: `${file} is sound (${sizeOf(file)})` }
      return {
        name: 'store',
        status: 'fail',
        detail: `${file} is damaged: ${found.join('; ')}`,
        advice: 'Stop the server, keep a copy of the directory, and restore the last backup.',
      }
    } finally {
      database.close()
    }
  } catch (error) {
    return {
      name: 'store',
      status: 'fail',
      detail: `${file} cannot be read: ${(error as Error).message}`,
      advice: 'Restore the last backup, or move the file away to begin anew.',
    }
  }
}

export async function checkDisk(data: string): Promise<readonly Check[]> {
  const place = existing(resolve(data))
  const { bavail, bsize, blocks } = await statfs(place)
  const free = bavail * bsize
  const share = Math.round((100 * bavail) / Math.max(1, blocks))
  const detail = `${(free / 1024 / mib).toFixed(1)} GiB free (${share} %) at ${place}`
  const space: Check =
    free < leastFreeBytes
      ? {
          name: 'disk',
          status: 'fail',
          detail,
          advice: 'Free some space: publishing is refused when the disk is full.',
        }
      : free < lowFreeBytes
        ? { name: 'disk', status: 'warn', detail, advice: 'Free some space, or shorten --retention.' }
        : { name: 'disk', status: 'ok', detail }
  if (!(await mayWrite(place))) return [space]
  const ms = syncMs(place)
  const time = `a sync takes ${ms.toFixed(ms < 1 ? 2 : 1)} ms`
  return [
    space,
    ms > slowSyncMs
      ? {
          name: 'disk sync',
          status: 'warn',
          detail: time,
          advice: 'Every publish waits for a sync: use a faster disk.',
        }
      : { name: 'disk sync', status: 'ok', detail: time },
  ]
}

/** The median of eleven syncs of a page. */
function syncMs(directory: string): number {
  const file = join(directory, `.doctor-${process.pid}`)
  const descriptor = openSync(file, 'w', 0o600)
  try {
    const page = Buffer.alloc(4_096)
    const times = Array.from({ length: 11 }, () => {
      const startedAt = performance.now()
      writeSync(descriptor, page)
      fsyncSync(descriptor)
      return performance.now() - startedAt
    })
    return times.sort((left, right) => left - right)[5]!
  } finally {
    closeSync(descriptor)
    rmSync(file, { force: true })
  }
}

export async function checkClock(data: string, url: string): Promise<readonly Check[]> {
  const nowMs = Date.now()
  const newest = existsSync(data)
    ? Math.max(
        0,
        ...(await readdir(data)).map((name) => statSync(join(data, name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
      )
    : 0
  if (newest > nowMs + largestSkewMs)
    return [
      {
        name: 'clock',
        status: 'fail',
        detail: `it is ${new Date(nowMs).toISOString()}, and the store was written at ${new Date(newest).toISOString()}`,
        advice: 'The clock went back. Set it (NTP): retention and retries go by it.',
      },
    ]
  const date = await fetch(new URL('/livez', url), { signal: AbortSignal.timeout(3_000) }).then(
    (response) => Date.parse(response.headers.get('date') ?? ''),
    () => Number.NaN,
  )
  const skewMs = date - Date.now()
  if (Math.abs(skewMs) > largestSkewMs)
    return [
      {
        name: 'clock',
        status: 'warn',
        detail: `the server's clock is ${Math.round(skewMs / 1_000)} s off this one`,
        advice: 'Set both (NTP): receivers refuse webhooks whose timestamp is five minutes off.',
      },
    ]
  return [{ name: 'clock', status: 'ok', detail: new Date(nowMs).toISOString() }]
}

export function checkLimits(): Check {
  const limits = existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : ''
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN)
  if (!(files < 4_096))
    return { name: 'open files', status: 'ok', detail: Number.isNaN(files) ? 'no limit known' : `up to ${files}` }
  return {
    name: 'open files',
    status: 'warn',
    detail: `up to ${files}`,
    advice: 'Every connection is one: raise it (ulimit -n 65536, LimitNOFILE= in systemd).',
  }
}

/** Whether receivers can reach the server where they are told that it is. */
export async function checkPublicUrl(url: string): Promise<readonly Check[]> {
  if (url === '') return []
  const name = 'public URL'
  if (!url.startsWith('https:')) {
    const advice = 'Receivers are told this URL with a secret behind it: use https.'
    return [{ name, status: 'warn', detail: `${url} is not https`, advice }]
  }
  try {
    const response = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(3_000) })
    await response.body?.cancel()
    if (response.ok) return [{ name, status: 'ok', detail: `${url} answers` }]
    const advice = 'Let the proxy there pass the path on to this server.'
    return [{ name, status: 'warn', detail: `${url}/livez answers ${response.status}`, advice }]
  } catch {
    return [{ name, status: 'warn', detail: `nothing answers at ${url}`, advice: 'Mend publicUrl, or its DNS.' }]
  }
}

export async function checkServer(url: string): Promise<Check> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(3_000) })
    await response.body?.cancel()
    if (response.ok) return { name: 'server', status: 'ok', detail: `${url} is ready` }
    return { name: 'server', status: 'fail', detail: `${url} answers ${response.status}`, advice: 'See its log.' }
  } catch {
    return {
      name: 'server',
      status: 'warn',
      detail: `nothing answers at ${url}`,
      advice: 'Start it with: tidings start',
    }
  }
}

/** The nearest directory upwards that there is. */
function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path))
}

async function mayWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
}
