import { base62, numberOfBase62 } from './base62.ts'

export type IdPrefix = 'int' | 'tok' | 'key' | 'sub' | 'evt' | 'rec' | 'rsd' | 'ses' | 'lnk' | 'str'

export const idRandomBytes = 10

/**
 * `sub_<time><random>`: 8 base62 digits of the millisecond, then 14 of the random bytes, so that ids
 * sort by the time they were made and say nothing that can be guessed.
 *
 * @param random 10 random bytes.
 */
export function newId(prefix: IdPrefix, nowMs: number, random: Uint8Array): string {
  if (random.length !== idRandomBytes) throw new RangeError(`an id takes ${idRandomBytes} random bytes`)
  return `${prefix}_${base62(Math.max(0, Math.trunc(nowMs)), timeDigits)}${fiveBytes(random, 0)}${fiveBytes(random, 5)}`
}

const timeDigits = 8
const randomDigits = 14

/** When an id of this kind was made, epoch milliseconds; undefined: it is none that `newId` made. */
export function timeOfId(prefix: IdPrefix, id: string): number | undefined {
  const digits = id.slice(prefix.length + 1)
  if (!id.startsWith(`${prefix}_`) || !/^[0-9A-Za-z]+$/.test(digits)) return undefined
  if (digits.length !== timeDigits + randomDigits) return undefined
  return numberOfBase62(digits.slice(0, timeDigits))
}

/** 40 bits are seven digits, and fit a number. */
function fiveBytes(bytes: Uint8Array, at: number): string {
  let value = 0
  for (let index = at; index < at + 5; index++) value = value * 256 + bytes[index]!
  return base62(value, 7)
}
