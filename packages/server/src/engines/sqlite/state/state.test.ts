import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { describeDeliveryStore } from '../../conformance/delivery-store.ts'
import { describeRegistryStore } from '../../conformance/registry-store.ts'
import { openSqliteState, type SqliteState } from './state.ts'

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true })
})

async function open<S extends 'registry' | 'delivery'>(part: S) {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-'))
  directories.push(directory)
  let state: SqliteState = await openSqliteState({ directory })
  return {
    store: state[part],
    reopen: async () => {
      await state.close()
      state = await openSqliteState({ directory })
      return state[part]
    },
  }
}

describeRegistryStore('sqlite', () => open('registry'))
describeDeliveryStore('sqlite', () => open('delivery'), {
  cannot: 'one process holds the files, so it owns every share as long as it lives',
})
