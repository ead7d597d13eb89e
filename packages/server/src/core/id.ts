import { base62, base62OfBytes } from './base62.ts'

export type IdPrefix = 'int' | 'tok' | 'key' | 'sub' | 'evt' | 'rec'

export const idRandomBytes = 10

/**
 * `sub_<time><random>`: 8 base62 digits of the millisecond, then 14 of the random bytes, so that ids
 * sort by the time they were made and say nothing that can be guessed.
 *
 * @param random 10 random bytes.
 */
export function newId(prefix: IdPrefix, nowMs: number, random: Uint8Array): string {
  if (random.length !== idRandomBytes) throw new RangeError(`an id takes ${idRandomBytes} random bytes`)
  return `${prefix}_${base62(Math.max(0, Math.trunc(nowMs)), 8)}${base62OfBytes(random, 14)}`
}
