import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type DeliveryStatus, deliveryStatuses } from '../../core/delivery/delivery.ts'
import type { Subscription } from '../../core/registry/registry.ts'

/** What a store that is not in use holds. */
export interface StoreFacts {
  readonly events: number
  /** Of the newest event: 0 and null when there is none. */
  readonly position: number
  readonly newestEventAtMs: number | null
  readonly tenants: number
  readonly integrations: number
  readonly subscriptions: number
  /** Deliveries. */
  readonly waiting: number
  readonly failed: number
}

export function storeFacts(directory: string): StoreFacts {
  return {
    ...read(directory, 'log.db', (db) => {
      const newest = db.prepare('SELECT appended_at AS at FROM batches ORDER BY base DESC LIMIT 1').get()
      const all = db.prepare(
        'SELECT coalesce(sum(count), 0) AS events, coalesce(max(last), 0) AS position FROM batches',
      )
      const { events, position } = all.get() as { events: number; position: number }
      return { events, position, newestEventAtMs: newest === undefined ? null : Number(newest.at) }
    }),
    ...read(directory, 'registry.db', (db) => {
      const counted = db.prepare('SELECT count(*) AS n FROM records WHERE kind = ? AND value IS NOT NULL')
      const count = (kind: string) => Number(counted.get(kind)!.n)
      return {
        tenants: count('tenant'),
        integrations: count('integration'),
        subscriptions: count('subscription'),
      }
    }),
    ...read(directory, 'delivery.db', (db) => {
      const counted = db.prepare('SELECT count(*) AS n FROM outstanding WHERE status = ?')
      const count = (status: DeliveryStatus) => Number(counted.get(deliveryStatuses.indexOf(status))!.n)
      return { waiting: count('waiting'), failed: count('failed') }
    }),
  }
}

/** The sealed signing secrets of those subscriptions that sign. */
export function sealedSecrets(directory: string): Pick<Subscription, 'id' | 'secrets'>[] {
  return read(directory, 'registry.db', (db) => {
    const rows = db.prepare("SELECT value FROM records WHERE kind = 'subscription' AND value IS NOT NULL").all()
    return rows.map(({ value }) => JSON.parse(value as string) as Subscription)
  })
}

function read<T>(directory: string, name: string, from: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(directory, name), { readOnly: true, timeout: 200 })
  try {
    return from(db)
  } finally {
    db.close()
  }
}
