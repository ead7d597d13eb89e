import { afterEach } from 'vitest'

interface Closable {
  close(): Promise<void>
}

/** `reopen` closes the store and opens it again, where that means something. */
export type OpenStore<Store> = () => Promise<{ readonly store: Store; readonly reopen?: () => Promise<Store> }>

/** Gives each test of a suite stores of its own, which are closed after it. */
export function freshStores<Store extends Closable>(open: OpenStore<Store>) {
  const opened: Store[] = []
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })
  return async () => {
    const { store, reopen } = await open()
    opened.push(store)
    return {
      store,
      reopen: async () => {
        if (!reopen) return store
        const again = await reopen()
        opened.push(again)
        return again
      },
    }
  }
}
