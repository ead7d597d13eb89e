const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** @param differenceMs negative: it was; below a minute it is told in seconds */
export function relativeTime(differenceMs: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
  for (const [unit, ms] of units) {
    if (Math.abs(differenceMs) >= ms) return format.format(Math.trunc(differenceMs / ms), unit)
  }
  return format.format(Math.trunc(differenceMs / 1_000), 'second')
}

/** To the millisecond, with the zone that it is told in. */
export function exactTime(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  }).format(new Date(at))
}

/** A span as people read it: `8 ms`, `1.2 s`, `3 min`. */
export function durationText(ms: number, language: string): string {
  const unit = (value: number, name: string, digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value)
  if (ms < 1_000) return unit(ms, 'millisecond', ms < 10 ? 1 : 0)
  if (ms < 60_000) return unit(ms / 1_000, 'second', 1)
  if (ms < 3_600_000) return unit(ms / 60_000, 'minute', 0)
  return unit(ms / 3_600_000, 'hour', 1)
}
