const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const month = `(${months.join('|')})`
const time = '([01]\\d|2[0-3]):([0-5]\\d):([0-5]\\d|60)'

const imfFixdate = new RegExp(`^[A-Z][a-z]{2}, (\\d{2}) ${month} (\\d{4}) ${time} GMT$`)
const rfc850 = new RegExp(`^[A-Z][a-z]{5,8}, (\\d{2})-${month}-(\\d{2}) ${time} GMT$`)
const asctime = new RegExp(`^[A-Z][a-z]{2} ${month} ([ \\d]\\d) ${time} (\\d{4})$`)

/**
 * A date of HTTP in milliseconds, in each of the three forms that a recipient must take (RFC 9110 5.6.7); null for
 * any other text. All three are GMT, the last one too, which does not say so: `Date.parse` would read it in the
 * zone of the machine.
 * ```
 * Sun, 06 Nov 1994 08:49:37 GMT
 * Sunday, 06-Nov-94 08:49:37 GMT    a year that would be over 50 years ahead is of the century before
 * Sun Nov  6 08:49:37 1994
 * ```
 */
export function httpDateMs(text: string, nowMs: number): number | null {
  const fixed = imfFixdate.exec(text)
  if (fixed) return utcMs(fixed[3]!, fixed[2]!, fixed[1]!, fixed.slice(4))
  const old = rfc850.exec(text)
  if (old) {
    const century = Math.floor(new Date(nowMs).getUTCFullYear() / 100)
    const [later, now, earlier] = [century + 1, century, century - 1].map((first) =>
      utcMs(`${first}${old[3]}`, old[2]!, old[1]!, old.slice(4)),
    )
    const furthestMs = new Date(nowMs).setUTCFullYear(new Date(nowMs).getUTCFullYear() + 50)
    return [later, now].find((ms) => ms != null && ms <= furthestMs) ?? earlier ?? null
  }
  const unix = asctime.exec(text)
  return unix ? utcMs(unix[6]!, unix[1]!, unix[2]!, unix.slice(3)) : null
}

function utcMs(year: string, monthName: string, day: string, [hour, minute, second]: readonly string[]): number | null {
  const monthIndex = months.indexOf(monthName)
  const date = new Date(0)
  date.setUTCFullYear(Number(year), monthIndex, Number(day))
  if (date.getUTCMonth() !== monthIndex || date.getUTCDate() !== Number(day)) return null
  return date.setUTCHours(Number(hour), Number(minute), Number(second))
}
