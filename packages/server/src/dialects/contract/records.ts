import type { DialectRecord } from '../../core/registry/registry.ts'
import type { GuardedRecord, RecordsChange } from '../../core/subscription/dialect-parts.ts'

/** The dialect's own documents: what its wire contract keeps beside subscriptions. */
export interface DialectRecords {
  newId(): string
  /** Undefined for what does not exist and for what is not the integration's alike. */
  get(integrationId: string, dialect: string, id: string): DialectRecord | undefined
  /** By creation. */
  list(integrationId: string, dialect: string): readonly DialectRecord[]
  /**
   * Decides over what there is now, and writes all of it or nothing; decides again when others were faster.
   * @throws AppError `conflict` when that happens again and again
   */
  change<T>(decide: () => RecordsChange<T>): Promise<T>
  /** The document with what makes a commit fail if it is changed or dropped from now on. */
  guard(record: DialectRecord): GuardedRecord
}
