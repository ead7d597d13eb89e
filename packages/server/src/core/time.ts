/**
 * Times of RFC 3339: `2017-12-28T14:59:16.500+01:00`, `T` and `Z` in either case, any number of
 * fractional digits. Only days that the calendar has. A leap second (`:60`) is taken where one can
 * be, at 23:59 UTC on the last day of a month, and counts as the moment after it.
 */
const grammar = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

const minuteMs = 60_000
// Years 0000 to 9999 in UTC: what RFC 3339 can write again.
const earliestMs = Date.UTC(2000, 0, 1) - 730_485 * 86_400_000
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

interface Moment {
  /** Whole seconds, as epoch milliseconds. */
  readonly secondMs: number
  readonly fraction: string
}

function readMoment(text: string): Moment | undefined {
  const match = grammar.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match
  const isLeap = second === '60'
  if (Number(hour) > 23 || Number(minute) > 59 || (Number(second) > 59 && !isLeap)) return undefined
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined
  // Date.UTC takes years below 100 for those of the 20th century, so the year is set by itself.
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * minuteMs * (sign === '-' ? -1 : 1)
  const secondMs = date.getTime() + (Number(hour) * 60 + Number(minute)) * minuteMs + Number(second) * 1_000 - offsetMs
  if (secondMs < earliestMs || secondMs > latestMs) return undefined
  if (isLeap && !isMonthStart(secondMs)) return undefined
  return { secondMs, fraction }
}

function isMonthStart(ms: number): boolean {
  const date = new Date(ms)
  return ms % 86_400_000 === 0 && date.getUTCDate() === 1
}

/** The moment of an RFC 3339 time, to the millisecond (further digits are cut off); undefined when it is none. */
export function parseRfc3339(text: string): { readonly epochMs: number } | undefined {
  const moment = readMoment(text)
  return moment && { epochMs: moment.secondMs + Number(moment.fraction.slice(0, 3).padEnd(3, '0')) }
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
