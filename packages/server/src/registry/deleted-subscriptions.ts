import type { DeletedSubscriptions } from '../follow/deletions.ts'
import type { Registry } from './registry.ts'
import { dropRecord } from './writes.ts'

/** The deleted subscriptions that the registry remembers. */
export function deletedSubscriptions(registry: Registry): DeletedSubscriptions {
  const { deletedSubscriptions: records } = registry.directory
  return {
    has: (number) => records.get(String(number)) !== undefined,
    before: (timeMs) =>
      [...records.values()].filter(({ deletedAt }) => Date.parse(deletedAt) < timeMs).map(({ number }) => number),
    async drop(numbers) {
      if (numbers.length === 0) return
      await registry.commit(numbers.map((number) => dropRecord('deletedSubscription', String(number))))
    },
  }
}
