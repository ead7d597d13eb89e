import type { DialectRecord } from '../../core/registry/registry.ts'
import type { GuardedRecord, RecordsChange } from '../../core/subscription/dialect-parts.ts'
import type { Registry } from '../registry.ts'
import { dropRecord, guardRecord } from '../writes.ts'

/** Dialects' documents over the registry, changed together with the subscriptions that follow from them. */
export class DialectRecords {
  readonly #registry: Registry

  constructor(registry: Registry) {
    this.#registry = registry
  }

  newId(): string {
    return this.#registry.newId('rec')
  }

  get(integrationId: string, dialect: string, id: string): DialectRecord | undefined {
    const record = this.#registry.directory.dialectRecords.get(id)
    return record?.integrationId === integrationId && record.dialect === dialect ? record : undefined
  }

  list(integrationId: string, dialect: string): readonly DialectRecord[] {
    return this.#registry.directory.dialectRecordsOf(integrationId, dialect)
  }

  change<T>(decide: () => RecordsChange<T>): Promise<T> {
    return this.#registry.change((directory) => {
      const { put = [], drop = [], subscriptions = [], dropSubscriptions = [], result } = decide()
      const dropped = (kind: 'dialectRecord' | 'subscription', id: string) =>
        dropRecord(kind, id, directory.revisionOf(kind, id))
      return {
        writes: [
          ...put.map((record) => guardRecord('dialectRecord', record, directory)),
          ...drop.map((id) => dropped('dialectRecord', id)),
          ...subscriptions.map((subscription) => guardRecord('subscription', subscription, directory)),
          ...dropSubscriptions.map((id) => dropped('subscription', id)),
        ],
        result,
      }
    })
  }

  guard(record: DialectRecord): GuardedRecord {
    return { record, revision: this.#registry.directory.revisionOf('dialectRecord', record.id) }
  }
}
