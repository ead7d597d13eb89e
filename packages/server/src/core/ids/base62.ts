const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A number as base62 with at least `length` digits. The digits sort as ASCII does, so numbers of one length sort as text. */
export function base62(value: bigint | number, length: number): string {
  let rest = value
  let text = ''
  // Big integers are slow, and every event has an id: only what needs them is divided as one.
  while (typeof rest === 'bigint' && rest > 0n) {
    text = digits.charAt(Number(rest % 62n)) + text
    rest /= 62n
  }
  while (typeof rest === 'number' && rest > 0) {
    text = digits.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text.padStart(length, '0')
}

/** The number that digits spell; NaN when one of them is no digit. */
export function numberOfBase62(text: string): number {
  let value = 0
  for (const digit of text) {
    const at = digits.indexOf(digit)
    if (at < 0) return Number.NaN
    value = value * 62 + at
  }
  return value
}

/** The bytes as one big-endian number in base62. */
export function base62OfBytes(bytes: Uint8Array, length: number): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return base62(value, length)
}
