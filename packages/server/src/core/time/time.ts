/**
 * Times of RFC 3339: `2017-12-28T14:59:16.500+01:00`, `T` and `Z` in either case, any number of
 * fractional digits. Only days that the calendar has. A leap second (`:60`) is taken where one can
 * be, at 23:59 UTC on the last day of a month, and counts as the moment after it.
 */
const grammar = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

const minuteMs = 60_000
const dayMs = 86_400_000
// Years 0000 to 9999 in UTC: what RFC 3339 can write again.
const earliestMs = -62_167_219_200_000
const latestMs = 253_402_300_799_999

interface Moment {
  /** Whole seconds, as epoch milliseconds. */
  readonly secondMs: number
  readonly fraction: string
}

// Every published event comes through here, so the places that the grammar fixes are read without captures.
function readMoment(text: string): Moment | undefined {
  if (!grammar.test(text)) return undefined
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const hour = twoDigits(text, 11)
  const minute = twoDigits(text, 14)
  const second = twoDigits(text, 17)
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 60) return undefined

  const isUtc = (text.charCodeAt(text.length - 1) | 0x20) === 0x7a
  const zoneAt = isUtc ? text.length - 1 : text.length - 6
  let offsetMinutes = 0
  if (!isUtc) {
    const offsetHour = twoDigits(text, zoneAt + 1)
    const offsetMinute = twoDigits(text, zoneAt + 4)
    if (offsetHour > 23 || offsetMinute > 59) return undefined
    offsetMinutes = (offsetHour * 60 + offsetMinute) * (text[zoneAt] === '-' ? -1 : 1)
  }
  const minutes = hour * 60 + minute - offsetMinutes
  const secondMs = daysSinceEpoch(year, month, day) * dayMs + minutes * minuteMs + second * 1_000
  if (secondMs < earliestMs || secondMs > latestMs) return undefined
  if (second === 60 && !isMonthStart(secondMs)) return undefined
  return { secondMs, fraction: zoneAt > 20 ? text.slice(20, zoneAt) : '' }
}

function twoDigits(text: string, at: number): number {
  return text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 0x30 * 11
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** In the proleptic Gregorian calendar; years count from March, so that the leap day comes last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const monthsSinceMarch = (month + 9) % 12
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((monthsSinceMarch * 153 + 2) / 5) + day - 719_469
}

function isMonthStart(ms: number): boolean {
  const date = new Date(ms)
  return ms % dayMs === 0 && date.getUTCDate() === 1
}

/** The moment of an RFC 3339 time, to the millisecond (further digits are cut off); undefined when it is none. */
export function parseRfc3339(text: string): { readonly epochMs: number } | undefined {
  const moment = readMoment(text)
  return moment && { epochMs: moment.secondMs + Number(moment.fraction.slice(0, 3).padEnd(3, '0')) }
}

/**
 * The moment of a time that was checked when it came in, in epoch milliseconds; 0, long ago, for what is none. `Date.parse`
 * does not read all that RFC 3339 writes: it knows no leap second.
 */
export function epochMsOf(text: string): number {
  return parseRfc3339(text)?.epochMs ?? 0
}

/**
 * The same time with at least three fractional digits, all others as they are, in upper case.
 * Source: contracts/fortnox.md, `timestamp`. Expects an RFC 3339 time.
 */
export function withMinimumMilliseconds(text: string): string {
  const upper = text.toUpperCase()
  const zoneAt = upper.endsWith('Z') ? upper.length - 1 : upper.length - 6
  const pointAt = upper.indexOf('.')
  if (pointAt < 0) return `${upper.slice(0, zoneAt)}.000${upper.slice(zoneAt)}`
  return upper.slice(0, zoneAt).padEnd(pointAt + 4, '0') + upper.slice(zoneAt)
}

/**
 * The moment in UTC with exactly seven fractional digits and `Z`; further ones are cut off.
 * Source: contracts/visma-business-nxt.md, `timestamp`. Undefined when the text is no RFC 3339 time.
 */
export function toUtcSevenDigits(text: string): string | undefined {
  const moment = readMoment(text)
  if (!moment) return undefined
  return `${formatRfc3339(moment.secondMs).slice(0, 19)}.${moment.fraction.slice(0, 7).padEnd(7, '0')}Z`
}

/** UTC with milliseconds, as `2026-01-31T12:00:00.000Z`. `ms` is in epoch milliseconds, years 0000 to 9999. */
export function formatRfc3339(ms: number): string {
  return new Date(ms).toISOString()
}
