const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A number as base62 with at least `length` digits. The digits sort as ASCII does, so numbers of one length sort as text. */
export function base62(value: bigint | number, length: number): string {
  let rest = BigInt(value)
  let text = ''
  while (rest > 0n) {
    text = digits.charAt(Number(rest % 62n)) + text
    rest /= 62n
  }
  return text.padStart(length, '0')
}

/** The bytes as one big-endian number in base62. */
export function base62OfBytes(bytes: Uint8Array, length: number): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return base62(value, length)
}
