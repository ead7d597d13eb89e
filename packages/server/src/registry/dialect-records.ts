import type { DialectRecords } from '../dialects/contract/host.ts'
import type { Registry } from './registry.ts'
import { dropRecord, guardRecord } from './writes.ts'

/** Dialects' documents over the registry, changed together with the subscriptions that follow from them. */
export function dialectRecords(registry: Registry): DialectRecords {
  const { directory } = registry
  return {
    newId: () => registry.newId('rec'),
    get(integrationId, dialect, id) {
      const record = directory.dialectRecords.get(id)
      return record?.integrationId === integrationId && record.dialect === dialect ? record : undefined
    },
    list: (integrationId, dialect) => directory.dialectRecordsOf(integrationId, dialect),
    change: (decide) =>
      registry.change(() => {
        const { put = [], drop = [], subscriptions = [], dropSubscriptions = [], result } = decide()
        const revisionOf = (kind: 'dialectRecord' | 'subscription', id: string) => directory.revisionOf(kind, id)
        return {
          writes: [
            ...put.map((record) => guardRecord('dialectRecord', record, directory)),
            ...drop.map((id) => dropRecord('dialectRecord', id, revisionOf('dialectRecord', id))),
            ...subscriptions.map((subscription) => guardRecord('subscription', subscription, directory)),
            ...dropSubscriptions.map((id) => dropRecord('subscription', id, revisionOf('subscription', id))),
          ],
          result,
        }
      }),
    guard: (record) => guardRecord('dialectRecord', record, directory),
  }
}
