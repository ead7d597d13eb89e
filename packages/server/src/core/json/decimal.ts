/**
 * Decimal numbers as JSON writes them, compared by value and without ever passing through a double:
 * `12345678901234567.89` and `12345678901234568` differ, `1.0`, `1` and `10e-1` do not.
 */
interface Decimal {
  readonly isNegative: boolean
  /** Without leading and trailing zeros; empty for zero. */
  readonly digits: string
  /** Power of ten of the first digit. */
  readonly magnitude: number
}

// An exponent may itself be a text of any length. Beyond this one the magnitudes count as equal.
const largestExponent = 1e15

function readDecimal(text: string): Decimal {
  const isNegative = text.startsWith('-')
  let mantissaEnd = text.length
  let exponent = 0
  const exponentAt = text.search(/[eE]/)
  if (exponentAt >= 0) {
    mantissaEnd = exponentAt
    exponent = Math.max(-largestExponent, Math.min(largestExponent, Number(text.slice(exponentAt + 1))))
  }
  const mantissa = text.slice(isNegative ? 1 : 0, mantissaEnd)
  const point = mantissa.indexOf('.')
  const whole = point < 0 ? mantissa : mantissa.slice(0, point)
  const all = point < 0 ? mantissa : whole + mantissa.slice(point + 1)
  let first = 0
  while (first < all.length && all.charCodeAt(first) === 0x30) first++
  let end = all.length
  while (end > first && all.charCodeAt(end - 1) === 0x30) end--
  if (first === end) return { isNegative: false, digits: '', magnitude: 0 }
  return { isNegative, digits: all.slice(first, end), magnitude: exponent + whole.length - 1 - first }
}

/** Below zero, zero or above, as `a` is less than, equal to or greater than `b`: both JSON number texts. */
export function compareDecimals(a: string, b: string): number {
  if (a === b) return 0
  const left = readDecimal(a)
  const right = readDecimal(b)
  if (left.isNegative !== right.isNegative) return left.isNegative ? -1 : 1
  const bySize = compareSizes(left, right)
  return left.isNegative ? -bySize : bySize
}

function compareSizes(a: Decimal, b: Decimal): number {
  if (a.digits === '' || b.digits === '') return a.digits.length - b.digits.length
  if (a.magnitude !== b.magnitude) return a.magnitude - b.magnitude
  return a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0
}

/** The same text for every way of writing the same number: a key for sets. */
export function decimalKey(text: string): string {
  const { isNegative, digits, magnitude } = readDecimal(text)
  return digits === '' ? '0' : `${isNegative ? '-' : ''}${digits}e${magnitude}`
}

/** The number as a double, when the double has exactly this decimal value as its shortest form; else undefined. */
export function exactNumber(text: string): number | undefined {
  const value = Number(text)
  if (!Number.isFinite(value)) return undefined
  return Object.is(value, -0) || String(value) === text || compareDecimals(String(value), text) === 0
    ? value
    : undefined
}
