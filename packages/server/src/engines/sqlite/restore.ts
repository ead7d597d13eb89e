import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { chown, open, rename } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../../core/errors.ts'
import { storageError } from './file/storage-error.ts'
import { raiseFloorTo } from './log/floor.ts'
import { lockDirectory, prepareDirectory } from './log/log-database.ts'
import { type StoreFacts, storeFacts } from './store-facts.ts'
import { restoringName } from './unfinished-restore.ts'
import { damageIn } from './verification.ts'

const databases = ['log.db', 'registry.db', 'delivery.db'] as const
const keyName = 'master.key'
const lockName = 'log.lock'
/** What an empty file system has of its own. */
const ofFileSystems = 'lost+found'
/** Whether a name in a directory says that somebody has put something there. */
const isContent = (name: string) => name !== ofFileSystems && !name.startsWith(lockName)
const chunkBytes = 1024 * 1024

export interface RestoreRequest {
  readonly backup: string
  /** Where the store is to be: absent, or empty. */
  readonly data: string
  /** The master key that goes with it; null: the server has it from elsewhere. */
  readonly keyFile: string | null
  readonly nowMs: number
  /** Refuses, by throwing, a copy that is sound but of no use. @param directory of the copy */
  readonly check: (directory: string) => void
  readonly observe: (step: RestoreStep) => void
}

export type RestoreStep =
  | { readonly kind: 'copying'; readonly file: string; readonly copiedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'checking' }
  | { readonly kind: 'placing'; readonly file: string }
  | { readonly kind: 'placed' }

/**
 * Puts a backup in place as a store. Until the last step `restoring` is in the directory, and no server starts
 * on it; what a killed restore left is cleared away by the next one.
 *
 * @throws AppError `unsafe_store` for a backup that is damaged or not whole, and for a directory in use or not
 * empty; `storage_unavailable` when the disk refuses
 */
export async function restoreStore(request: RestoreRequest): Promise<StoreFacts> {
  const { backup, data } = request
  checkBackup(backup)
  checkTarget(backup, data)
  const aside = join(data, restoringName)
  try {
    prepareDirectory(data)
    const lock = lockDirectory(data)
    try {
      // Now nobody else changes it.
      if (existsSync(aside)) clear(data)
      checkEmpty(data)
      mkdirSync(aside, { mode: 0o700 })
      return await restoreInto(request, aside)
    } finally {
      lock.close()
    }
  } catch (error) {
    throw storageError(error)
  }
}

async function restoreInto(request: RestoreRequest, aside: string): Promise<StoreFacts> {
  const { data, observe } = request
  try {
    await copyAll(request, aside)
    observe({ kind: 'checking' })
    checkCopy(request, aside)
    raiseFloorTo(join(aside, 'log.db'), request.nowMs)
    const facts = storeFacts(aside)
    await place(aside, data, observe)
    return facts
  } catch (error) {
    clear(data)
    throw error
  }
}

function refuse(message: string): never {
  throw new AppError('unsafe_store', message)
}

function checkBackup(backup: string): void {
  const names = existsSync(backup) ? readdirSync(backup) : refuse(`there is no ${backup}`)
  const missing = databases.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    refuse(`${backup} is no whole backup: ${missing.join(', ')} is missing; it has to have ${databases.join(', ')}`)
  }
  if (names.includes(restoringName)) refuse(`${backup} is where a restore did not come to its end, and no backup`)
  const journal = names.find((name) => name.endsWith('.db-wal') && statSync(join(backup, name)).size > 0)
  if (journal === undefined) return
  refuse(
    `${backup} is a store that a server uses or used, not a backup (it has ${journal}); make one of it with: tidings backup <directory> --data ${backup}`,
  )
}

/** Before anything is written there. */
function checkTarget(backup: string, data: string): void {
  if (resolve(backup) === resolve(data)) refuse(`${data} is the backup itself; restore it into another directory`)
  if (!existsSync(data) || existsSync(join(data, restoringName))) return
  if (existsSync(join(data, lockName))) lockDirectory(data).close()
  checkEmpty(data)
}

function checkEmpty(data: string): void {
  const names = readdirSync(data).filter(isContent)
  if (names.length === 0) return
  const some = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '')
  refuse(
    `${data} is not empty (${some}); a backup is restored into a directory of its own. Move this one away: mv ${data} ${data}.before`,
  )
}

/** The remains of a restore that was killed or failed. */
function clear(data: string): void {
  for (const name of databases) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(data, name + suffix), { force: true })
  }
  rmSync(join(data, keyName), { force: true })
  rmSync(join(data, restoringName), { recursive: true, force: true })
}

async function copyAll({ backup, keyFile, observe }: RestoreRequest, aside: string): Promise<void> {
  const sources = databases.map((name) => [join(backup, name), join(aside, name)] as const)
  const totalBytes = sources.reduce((sum, [source]) => sum + statSync(source).size, 0)
  let before = 0
  for (const [source, target] of sources) {
    observe({ kind: 'copying', file: source, copiedBytes: before, totalBytes })
    const bytes = await copyFile(source, target, (copied) => {
      observe({ kind: 'copying', file: source, copiedBytes: before + copied, totalBytes })
    })
    before += bytes
  }
  if (keyFile !== null) await copyFile(keyFile, join(aside, keyName), () => {})
}

/** On disk when it resolves. */
async function copyFile(source: string, target: string, copied: (bytes: number) => void): Promise<number> {
  await using from = await open(source, 'r')
  await using to = await open(target, 'wx', 0o600)
  const chunk = Buffer.alloc(chunkBytes)
  let bytes = 0
  for (;;) {
    const { bytesRead } = await from.read(chunk)
    if (bytesRead === 0) break
    await to.writeFile(chunk.subarray(0, bytesRead))
    bytes += bytesRead
    copied(bytes)
  }
  await to.sync()
  return bytes
}

function checkCopy({ backup, check }: RestoreRequest, aside: string): void {
  const [first] = damageIn(aside)
  if (first) refuse(`${first.file.replace(aside, backup)} cannot be restored: ${first.detail}. Take an older backup.`)
  check(aside)
}

/** A server that starts in between finds `restoring`. */
async function place(aside: string, data: string, observe: RestoreRequest['observe']): Promise<void> {
  await syncDirectory(aside)
  const { uid, gid } = statSync(data)
  for (const name of readdirSync(aside)) {
    observe({ kind: 'placing', file: name })
    // Restored by root, it is the server's user that has to open it.
    if (process.getuid?.() === 0) await chown(join(aside, name), uid, gid)
    await rename(join(aside, name), join(data, name))
  }
  if (process.getuid?.() === 0) await chown(join(data, lockName), uid, gid)
  await syncDirectory(data)
  observe({ kind: 'placed' })
  rmdirSync(aside)
  await syncDirectory(data)
  await syncDirectory(dirname(resolve(data)))
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using directory = await open(path, 'r')
  await directory.sync()
}
