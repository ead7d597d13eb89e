import type { EventType } from '../contract/catalogue.ts'
import type { SampleContext, SampleGrants } from '../contract/sample.ts'
import { dialect, readName } from './tables.ts'

const user = 'ola.normann'
/** Columns that stand in another table's key beside its own. */
const compositeKeys: Readonly<Record<string, readonly [parent: string, line: string]>> = {
  OrderLine: ['OrderNo', 'LineNo'],
  Voucher: ['BatchNo', 'VoucherNo'],
}

/** A table change: the columns that change with every row, and `ChangedTimestamp`, which no double holds. */
export function sampleNxt(type: EventType, { entityId, number, nowMs }: SampleContext): string {
  const { table, action } = readName(type.names.get(dialect) ?? type.type)
  const composite = entityId === undefined ? compositeKeys[table] : undefined
  const key = composite
    ? `"keys":[{"${composite[0]}":3},{"${composite[1]}":${number}}]`
    : `"entityId":${JSON.stringify(entityId ?? String(1_000 + number))}`
  const changed = action === 'DELETE' ? '' : `,"changed":${changedColumns(table, nowMs)}`
  return `{${key},"actor":"${user}"${changed}}`
}

function changedColumns(table: string, nowMs: number): string {
  // 2025-02-06T21:15:28.366Z
  const [date = '', time = ''] = new Date(nowMs).toISOString().slice(0, -1).replaceAll('-', '').split('T')
  const [hours = '', minutes = ''] = time.split(':')
  const columns = [
    `{"Description":${JSON.stringify(`Sample ${table}`)}}`,
    `{"ChangedDate":${date}}`,
    `{"ChangedTime":${Number(`${hours}${minutes}`)}}`,
    `{"ChangedByUser":"${user}"}`,
    `{"ChangeTimeInMs":${nowMs % 86_400_000}}`,
    `{"ChangedTimestamp":${date}${time.replace(/[:.]/g, '')}}`,
  ]
  return `[${columns.join()}]`
}

export function nxtAccess({ url, clientId, clientSecret, parent, tenants }: SampleGrants): object {
  return {
    baseUrl: `${url}/visma-nxt/v1`,
    clientId,
    clientSecret,
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    customerNo: parent.tenantId,
    companies: tenants.map(({ tenantId, name }) => ({ companyNo: tenantId, name })),
  }
}
