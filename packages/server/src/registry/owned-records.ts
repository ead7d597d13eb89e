import { RecordTable } from './record-table.ts'

/** Records by the integration that they belong to, each one's in the order of their ids. */
export class OwnedRecords<T extends { readonly id: string; readonly integrationId: string }> {
  readonly #tables = new Map<string, RecordTable<T>>()

  put(record: T): void {
    let table = this.#tables.get(record.integrationId)
    if (!table) {
      table = new RecordTable(
        ({ id }) => id,
        ({ id }) => id,
      )
      this.#tables.set(record.integrationId, table)
    }
    table.put(record)
  }

  delete({ id, integrationId }: T): void {
    const table = this.#tables.get(integrationId)
    table?.delete(id)
    if (table?.size === 0) this.#tables.delete(integrationId)
  }

  of(integrationId: string): Iterable<T> {
    return this.#tables.get(integrationId)?.values() ?? []
  }

  page(integrationId: string, after: string | undefined, limit: number): T[] {
    return this.#tables.get(integrationId)?.page(after, limit) ?? []
  }
}
