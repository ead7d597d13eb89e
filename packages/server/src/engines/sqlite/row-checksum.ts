import { crc32 } from 'node:zlib'

/** Of a row's values, in the order given: SQL's `checksum(…)` and this are the same. Null, 0 and '' differ. */
export function rowChecksum(values: readonly unknown[]): number {
  return crc32(JSON.stringify(values))
}
