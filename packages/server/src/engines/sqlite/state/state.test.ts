import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { RegistryStore } from '../../../registry/registry-store.ts'
import { describeDeliveryStore } from '../../conformance/delivery-store.ts'
import { describeRegistryStore } from '../../conformance/registry-store.ts'
import { attachSqliteState, openSqliteState, type SqliteState } from './state.ts'

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

/** Everything is called as another thread calls it. */
async function openAttached<S extends 'registry' | 'delivery'>(part: S) {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-'))
  directories.push(directory)
  const openBoth = async () => {
    const state = await openSqliteState({ directory })
    const attached = attachSqliteState(state.connect())
    const close = async () => {
      await attached.close()
      await state.close()
    }
    return { store: { ...attached[part], close }, close }
  }
  let both = await openBoth()
  return {
    store: both.store,
    reopen: async () => {
      await both.close()
      both = await openBoth()
      return both.store
    },
  }
}

const leases = { cannot: 'one process holds the files, so no lease ends before it does' }

describeRegistryStore('sqlite', () => open('registry'))
describeDeliveryStore('sqlite', () => open('delivery'), leases)
describeRegistryStore('sqlite, from another thread', () => openAttached('registry'))
describeDeliveryStore('sqlite, from another thread', () => openAttached('delivery'), leases)

test('each side hears of what the other has changed in the registry', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-'))
  directories.push(directory)
  const state = await openSqliteState({ directory })
  const attached = attachSqliteState(state.connect())
  const hears = (registry: RegistryStore) => new Promise<void>((resolve) => registry.onChanged(resolve))
  for (const [one, other] of [
    [state.registry, attached.registry],
    [attached.registry, state.registry],
  ] as const) {
    const heard = hears(other)
    await one.commit([{ kind: 'tenant', id: '1', value: null }])
    await heard
  }
  await attached.close()
  await expect(attached.registry.nextNumber()).rejects.toMatchObject({ code: 'shutting_down' })
  expect(await state.registry.nextNumber()).toBeGreaterThan(0)
  await state.close()
})
