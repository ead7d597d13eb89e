/**
 * A tenant's id: an integer from 1 to 2^63-1. Each has one form, a number up to 2^53-1 and a bigint beyond, so that
 * `===`, `Map` and `Set` tell ids apart, and the small ones, which nearly all are, cost nothing.
 */
export type TenantId = number | bigint

export const largestTenantId = 9_223_372_036_854_775_807n

/** What every refusal of a tenant id says. */
export const tenantIdRule = `an integer from 1 to ${largestTenantId}`

/** The id that these digits are; undefined for any other text: signs, spaces and leading zeros are none of an id. */
export function tenantIdOfDigits(text: string): TenantId | undefined {
  return /^[1-9][0-9]{0,18}$/.test(text) ? tenantIdOf(text.length < 16 ? Number(text) : BigInt(text)) : undefined
}

/** The id that an integer is, in its one form; undefined for what is no tenant id, a number that has lost digits too. */
export function tenantIdOf(value: unknown): TenantId | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? value : undefined
  if (typeof value !== 'bigint' || value < 1n || value > largestTenantId) return undefined
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

/** By value, for `sort`. */
export function compareTenantIds(a: TenantId, b: TenantId): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Its two halves for a row of doubles: the high one is 0 for a number, which is the low one then, whole; of a bigint
 * they are the upper 31 and the lower 32 bits.
 */
export function highHalf(id: TenantId): number {
  return typeof id === 'number' ? 0 : Number(id >> 32n)
}

export function lowHalf(id: TenantId): number {
  return typeof id === 'number' ? id : Number(id & 0xffff_ffffn)
}

export function tenantIdOfHalves(high: number, low: number): TenantId {
  return high === 0 ? low : (BigInt(high) << 32n) | BigInt(low)
}
