import { describeDeliveryStore } from '../conformance/delivery-store.ts'
import { describeRegistryStore } from '../conformance/registry-store.ts'
import { makeMemoryDeliveryStore } from './delivery-store.ts'
import { makeMemoryRegistryStore } from './registry-store.ts'

describeRegistryStore('memory', async () => ({ store: makeMemoryRegistryStore() }))
describeDeliveryStore('memory', async () => ({ store: makeMemoryDeliveryStore() }), {
  end: async (store, lease) => store.endLease(lease),
})
