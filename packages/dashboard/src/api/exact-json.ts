/**
 * A number whose digits a double does not hold: a tenant id of 64 bits, or an amount as it was written. It has the
 * shape that `JSON.rawJSON` makes, so `JSON.stringify` writes the digits back.
 */
export interface ExactNumber {
  readonly rawJSON: string
}

interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON?(text: string): ExactNumber
}
const exact = JSON as unknown as ExactJson

/** Parses JSON without losing a digit. A browser that cannot keep digits gives the nearest double. */
export function parseExact(text: string): unknown {
  if (exact.rawJSON === undefined) return JSON.parse(text)
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? exact.rawJSON!(source) : value,
  )
}

/** A number as it was written. */
export function digitsOf(value: number | ExactNumber): string {
  return typeof value === 'number' ? String(value) : value.rawJSON
}

/** A number of someone's input, with all its digits. */
export function exactNumber(digits: string): number | ExactNumber {
  const value = Number(digits)
  return String(value) === digits || exact.rawJSON === undefined ? value : exact.rawJSON(digits)
}
