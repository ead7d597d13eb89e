// Of ES2026; TypeScript does not know it yet.
const { rawJSON } = JSON as JSON & { rawJSON(text: string): object }

/** JSON text of a value in which tenant ids may be bigints: they are written as digits. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    // A replacer makes writing several times as slow, so only what has a bigint in it pays for one.
    if (!(error instanceof TypeError)) throw error
    return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? rawJSON(String(item)) : item))
  }
}

/**
 * The value of JSON text; integers of up to 19 digits that a double does not hold are bigints.
 *
 * @throws SyntaxError for what is no JSON.
 */
export function jsonValue(text: string): unknown {
  return longNumber.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text)
}
const longNumber = /[0-9]{16}/

function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  // More digits are nobody's id, and a text of a million would take its time to read.
  return /^[1-9][0-9]{15,18}$/.test(context?.source ?? '') ? BigInt(context!.source!) : value
}
