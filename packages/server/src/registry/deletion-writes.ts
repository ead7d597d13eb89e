import type { Directory } from './directory.ts'
import type { RegistryWrite } from './registry-store.ts'
import { putRecord } from './writes.ts'

/** What is written with the deletion of subscriptions, so that it is known of their numbers whatever comes between. */
export function deletionsOf(writes: readonly RegistryWrite[], directory: Directory, now: string): RegistryWrite[] {
  return writes.flatMap(({ kind, id, value }) => {
    const found = kind === 'subscription' && value === null ? directory.subscriptions.get(id) : undefined
    return found ? [putRecord('deletedSubscription', { number: found.number, deletedAt: now })] : []
  })
}
