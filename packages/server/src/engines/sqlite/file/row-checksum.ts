import { crc32 } from 'node:zlib'

/** Of a row's values, in the order given: SQL's `checksum(…)` and this are the same. A number is as good as its text. */
export function rowChecksum(values: readonly unknown[]): number {
  return crc32(values.map((value) => value ?? '\u0001').join('\u0000'))
}
