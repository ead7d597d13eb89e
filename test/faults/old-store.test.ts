import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operate } from '../harness/registration.ts'
import { ServerProcess } from '../harness/server-process.ts'
import { databases, eventOf, lackingOf, makeOldStore, notMigrated, type OldStore, withNextFormat } from './old-store.ts'

const root = mkdtempSync(join(tmpdir(), 'tidings-old-'))
let old: OldStore
beforeAll(async () => {
  old = await makeOldStore(join(root, 'old'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function copy(name: string): string {
  const data = join(root, name)
  cpSync(old.directory, data, { recursive: true })
  return data
}

/** What the server says that does not start. */
async function refusal(data: string): Promise<string> {
  const server = new ServerProcess(data)
  await expect(server.start()).rejects.toThrow('ended before it was ready')
  return server.complaints
}

test('a store of the format before opens with all that it holds, and takes more; a version before refuses it then', async () => {
  const data = copy('migrated')
  for (let start = 0; start < 2; start++) {
    const server = new ServerProcess(data, withNextFormat)
    try {
      const url = await server.start()
      expect(await lackingOf(old, url)).toEqual([])
      await operate(url, 'POST', '/v1/events', eventOf(`new-${start}`, 'new'))
    } finally {
      await server.stop()
    }
    expect(notMigrated(data)).toEqual([])
  }
  expect(await refusal(data)).toContain('was written by a newer Tidings')
  expect(notMigrated(data)).toEqual([])
})

test.each(databases)('a %s that no released version wrote is refused by its name', async (name) => {
  const data = copy(`unreleased-${name}`)
  const database = new DatabaseSync(join(data, name))
  database.exec('PRAGMA application_id = 0')
  database.close()
  expect(await refusal(data)).toContain(`${join(data, name)} has a format that this Tidings does not know`)
})
