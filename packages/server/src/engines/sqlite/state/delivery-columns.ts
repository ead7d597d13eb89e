import type { Delivery } from '../../../core/delivery/delivery.ts'
import { tenantIdOfColumn } from './tenant-column.ts'

/** The delivery that a row of whatever table is of. Its tenant is read by `tenantColumn`. */
export function deliveryOfColumns(row: Readonly<Record<string, unknown>>): Delivery {
  return {
    subscription: row.subscription as number,
    partition: row.partition as number,
    position: row.position as number,
    topic: row.topic as string,
    type: row.type as string,
    tenantId: tenantIdOfColumn(row.tenant_id),
    entityKey: row.entity_key as string,
    sequence: row.sequence as number | null,
  }
}
