import { InvalidArgumentError } from 'commander'
import { type TenantId, tenantIdOfDigits, tenantIdRule } from '../../core/ids/tenant-id.ts'

/** Readers of option values: what is wrong with one is said by commander, with the option's name. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw new InvalidArgumentError('It must be a whole number.')
  return number
}

export function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port > 65_535) throw new InvalidArgumentError('It must be a port, 0 to 65535.')
  return port
}

/** Of something that a command waits for: a longer timer than a day's is a slip, and one of weeks fires at once. */
export function waitSeconds(text: string): number {
  const seconds = wholeNumber(text)
  if (seconds < 1 || seconds > 86_400) throw new InvalidArgumentError('It must be seconds, 1 to 86400.')
  return seconds
}

export function tenantId(text: string): TenantId {
  const id = tenantIdOfDigits(text)
  if (id === undefined) throw new InvalidArgumentError(`It must be a tenant id, ${tenantIdRule}.`)
  return id
}

export function commaList(text: string, before: readonly string[] = []): readonly string[] {
  const items = text.split(',').map((item) => item.trim())
  return [...before, ...items.filter((item) => item !== '')]
}

export function numberList(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, ...commaList(text).map(wholeNumber)]
}

export function tenantIdList(text: string, before: readonly TenantId[] = []): readonly TenantId[] {
  return [...before, ...commaList(text).map(tenantId)]
}

export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(`It must be JSON: ${(error as Error).message}`)
  }
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A hundred years: before it, years have no four digits in the end. */
const longestAgeMs = 36_500 * unitMs.d!

/** A time, as RFC 3339, or how long ago, as `10m`, `2h`, `3d`; becomes RFC 3339. */
export function timeOrAge(text: string, nowMs: number = Date.now()): string {
  const age = /^(\d{1,9})([smhd])$/.exec(text)
  const ageMs = age ? Number(age[1]) * unitMs[age[2]!]! : 0
  if (ageMs > longestAgeMs) throw new InvalidArgumentError('It must be at most 36500 days ago.')
  if (age) return new Date(nowMs - ageMs).toISOString()
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('It must be a time, as 2026-01-31T12:00:00Z, or how long ago, as 10m, 2h or 3d.')
  return /T.*(Z|[+-]\d\d:\d\d)$/i.test(text) ? text : new Date(text).toISOString()
}
