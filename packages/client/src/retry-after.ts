/** However little the server asks for: a loop that is told "0" must not spin. */
const shortestSeconds = 1
/** However much it asks for. */
const longestSeconds = 86_400

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`

/** The three forms of RFC 9110 §5.6.7. All of them are GMT, the last one without saying so. */
const dates = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(String.raw`^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) ${time} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(String.raw`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) ${time} (?<year>\d{4})$`),
]

/**
 * `Retry-After` (RFC 9110 §10.2.3: seconds, or an HTTP date) as seconds from now, 1 to 86,400. Undefined for what is
 * neither, as a negative number or an empty value: then the client's own delays hold.
 */
export function retryAfterSeconds(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d+$/.test(text)) return clamp(Number(text))
  const atMs = httpDateMs(text, nowMs)
  return atMs === undefined ? undefined : clamp(Math.ceil((atMs - nowMs) / 1_000))
}

function httpDateMs(text: string, nowMs: number): number | undefined {
  const parts = dates.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined)
  if (!parts) return undefined
  const month = months.indexOf(parts.month!)
  const [day, hour, minute, second] = [parts.day, parts.hour, parts.minute, parts.second].map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const date = new Date(Date.UTC(fullYear(parts.year!, nowMs), month, day))
  const isOfCalendar = month >= 0 && date.getUTCMonth() === month && date.getUTCDate() === day
  // A leap second is a valid time of day.
  const isOfClock = hour < 24 && minute < 60 && second <= 60
  return isOfCalendar && isOfClock ? date.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000 : undefined
}

/** Two digits that seem more than 50 years ahead are of the century before. */
function fullYear(digits: string, nowMs: number): number {
  if (digits.length === 4) return Number(digits)
  const thisYear = new Date(nowMs).getUTCFullYear()
  const year = Math.floor(thisYear / 100) * 100 + Number(digits)
  return year > thisYear + 50 ? year - 100 : year
}

function clamp(seconds: number): number {
  return Math.min(Math.max(seconds, shortestSeconds), longestSeconds)
}
