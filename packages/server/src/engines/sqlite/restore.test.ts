import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newEvent } from '../conformance/events.ts'
import { lockDirectory } from './log/log-database.ts'
import { openSqliteLog } from './log.ts'
import { type RestoreRequest, restoreStore } from './restore.ts'
import { openSqliteState } from './state/state.ts'
import { refuseUnfinishedRestore } from './unfinished-restore.ts'

const events = 20
const killed = fileURLToPath(new URL('./fixtures/killed-restore.ts', import.meta.url))

let root: string
let backup: string
/** A new directory's name. */
let made = 0
const fresh = () => join(root, `data-${++made}`)

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tidings-restore-'))
  backup = join(root, 'backup')
  const directory = join(root, 'lost')
  const log = await openSqliteLog({ directory })
  const state = await openSqliteState({ directory })
  for (let number = 1; number <= events; number++) await log.append([newEvent({ id: `id-${number}` })])
  mkdirSync(backup)
  await state.backupTo(backup)
  await log.backupTo(join(backup, 'log.db'))
  await log.close()
  await state.close()
  rmSync(directory, { recursive: true })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const restore = (given: Partial<RestoreRequest> & { data: string }) =>
  restoreStore({ backup, keyFile: null, nowMs: Date.now(), check: () => {}, observe: () => {}, ...given })

/** The backup with something done to one of its files. */
function altered(change: (directory: string) => void): string {
  const directory = fresh()
  mkdirSync(directory)
  for (const name of readdirSync(backup)) copyFileSync(join(backup, name), join(directory, name))
  change(directory)
  return directory
}

async function positionsAfterRestore(data: string, count: number): Promise<number[]> {
  const log = await openSqliteLog({ directory: data })
  const positions: number[] = []
  for (let index = 0; index < count; index++) {
    const result = await log.append([newEvent({ id: `new-${data}-${index}` })])
    if (result.kind === 'appended') positions.push(result.events[0]!.position)
  }
  await log.close()
  return positions
}

describe('a kill', () => {
  it('at any step leaves what nobody starts on, and the next restore makes it whole', async () => {
    for (let step = 0; ; step++) {
      const data = fresh()
      const { signal, status, stderr } = spawnSync(process.execPath, [killed, backup, data, String(step)], {
        encoding: 'utf8',
      })
      if (signal === null) {
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
        refuseUnfinishedRestore(data)
        // Copying, checking, placing each of three, and the moment before the last.
        expect(step).toBeGreaterThanOrEqual(8)
        break
      }
      expect(signal).toBe('SIGKILL')
      expect(() => refuseUnfinishedRestore(data)).toThrow(/was interrupted\. Run it again: tidings restore/)
      expect(await restore({ data })).toMatchObject({ events })
      refuseUnfinishedRestore(data)
    }
  }, 120_000)
})

describe('a restored log', () => {
  it('has the events, and goes on at positions that no log of the same backup has given', async () => {
    const nowMs = Date.now()
    const seen = new Set(Array.from({ length: events }, (_, index) => index + 1))
    for (const laterMs of [0, 60_000, 86_400_000]) {
      const data = fresh()
      expect(await restore({ data, nowMs: nowMs + laterMs })).toMatchObject({ events, position: events })
      const positions = await positionsAfterRestore(data, 5)
      expect(positions.filter((position) => seen.has(position))).toEqual([])
      for (const position of positions) seen.add(position)
    }
  })

  it('takes the place of nothing that an empty file system has of its own', async () => {
    const data = fresh()
    mkdirSync(join(data, 'lost+found'), { recursive: true })
    expect(await restore({ data })).toMatchObject({ events })
    expect(statSync(join(data, 'log.db')).mode & 0o777).toBe(0o600)
  })
})

describe('refused is', () => {
  it.each([
    ['log.db', "UPDATE batches SET body = cast(replace(body, 'invoice', 'invoicf') AS BLOB) WHERE base = 3"],
    ['log.db', 'DELETE FROM batches WHERE base = 3'],
    ['registry.db', "UPDATE numbers SET value = 7 WHERE name = 'subscription'"],
    ['delivery.db', "UPDATE sums SET value = 7 WHERE name = 'watermarks'"],
  ])('a damaged %s: %s', async (name, change) => {
    const damagedBackup = altered((directory) => {
      const db = new DatabaseSync(join(directory, name))
      db.function('checksum', { varargs: true }, () => 0)
      db.exec(change)
      db.close()
    })
    const data = fresh()
    await expect(restore({ backup: damagedBackup, data })).rejects.toMatchObject({
      code: 'unsafe_store',
      message: expect.stringContaining(join(damagedBackup, name)),
    })
    // Mended, it goes there.
    expect(await restore({ data })).toMatchObject({ events })
  })

  it('a file that is no database, a missing one, no directory', async () => {
    const noDatabase = altered((directory) => writeFileSync(join(directory, 'registry.db'), 'x'.repeat(9_000)))
    await expect(restore({ backup: noDatabase, data: fresh() })).rejects.toThrow(join(noDatabase, 'registry.db'))
    const partial = altered((directory) => rmSync(join(directory, 'delivery.db')))
    await expect(restore({ backup: partial, data: fresh() })).rejects.toThrow('delivery.db is missing')
    await expect(restore({ backup: join(root, 'nowhere'), data: fresh() })).rejects.toThrow('there is no')
  })

  it('a store that is no backup', async () => {
    const used = altered((directory) => writeFileSync(join(directory, 'log.db-wal'), 'x'))
    await expect(restore({ backup: used, data: fresh() })).rejects.toThrow(/log\.db-wal.*tidings backup/)
    await expect(restore({ backup, data: backup })).rejects.toThrow('is the backup itself')
  })

  it('a directory that has something, which stays as it is', async () => {
    const data = fresh()
    mkdirSync(data)
    writeFileSync(join(data, 'log.db'), 'somebody’s')
    await expect(restore({ data })).rejects.toThrow(`mv ${data} ${data}.before`)
    expect(readdirSync(data)).toEqual(['log.db'])
  })

  it('a directory in use', async () => {
    const data = fresh()
    mkdirSync(data)
    const lock = lockDirectory(data)
    await expect(restore({ data })).rejects.toThrow('in use by another Tidings')
    lock.close()
    expect(await restore({ data })).toMatchObject({ events })
  })

  it('what the caller’s own check refuses; nothing is in place then', async () => {
    const data = fresh()
    const check = () => {
      throw new Error('another key')
    }
    await expect(restore({ data, check })).rejects.toThrow('another key')
    expect(readdirSync(data).filter((name) => !name.startsWith('log.lock'))).toEqual([])
  })
})
