import { InvalidArgumentError } from 'commander'
import { type TenantId, tenantIdOfDigits, tenantIdRule } from '../core/tenant-id.ts'

/** Readers of option values: what is wrong with one is said by commander, with the option's name. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw new InvalidArgumentError('It must be a whole number.')
  return number
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

/** A time, as RFC 3339, or how long ago, as `10m`, `2h`, `3d`; becomes RFC 3339. */
export function timeOrAge(text: string, nowMs: number = Date.now()): string {
  const age = /^(\d{1,9})([smhd])$/.exec(text)
  if (age) return new Date(nowMs - Number(age[1]) * unitMs[age[2]!]!).toISOString()
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('It must be a time, as 2026-01-31T12:00:00Z, or how long ago, as 10m, 2h or 3d.')
  return /T.*(Z|[+-]\d\d:\d\d)$/i.test(text) ? text : new Date(text).toISOString()
}
