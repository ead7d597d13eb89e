import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { base62, base62OfBytes } from '../ids/base62.ts'

/**
 * Keys made by Tidings: `tid_<kind>_<random>_<check>`.
 *
 *   tid_pub_0Qm3…(27 base62 digits, 160 bits)_1LxTz2 (CRC-32 of all before it, 6 base62 digits)
 *
 * The check tells a typing error from an unknown key, and lets secret scanners be sure of a find.
 */
export const secretKinds = ['admin', 'pub', 'sec', 'at', 'portal', 'link'] as const
export type SecretKind = (typeof secretKinds)[number]

export const keyRandomBytes = 20
const randomDigits = 27
const checkDigits = 6
const shape = new RegExp(
  `^(tid_(${secretKinds.join('|')})_[0-9A-Za-z]{${randomDigits}})_([0-9A-Za-z]{${checkDigits}})$`,
)

/** @param random 20 random bytes. */
export function makeKey(kind: SecretKind, random: Uint8Array): string {
  if (random.length !== keyRandomBytes) throw new RangeError(`a key takes ${keyRandomBytes} random bytes`)
  const body = `tid_${kind}_${base62OfBytes(random, randomDigits)}`
  return `${body}_${checkOf(body)}`
}

/** What kind of key the text is, or undefined when Tidings cannot have made it (mistyped, cut off, imported). */
export function readKey(text: string): { readonly kind: SecretKind } | undefined {
  const match = shape.exec(text)
  if (!match || checkOf(match[1]!) !== match[3]) return undefined
  return { kind: match[2] as SecretKind }
}

/**
 * How secrets are kept: HMAC-SHA256 in hex. Keyed, because imported secrets can be as weak as
 * `6565df`: whoever reads the store without the server's key cannot try them out.
 */
export function hashSecret(text: string, pepper: Uint8Array): string {
  let key = keyObjects.get(pepper)
  if (!key) {
    key = createSecretKey(pepper)
    keyObjects.set(pepper, key)
  }
  // Half a surrogate pair, as JSON can write one, would be hashed as U+FFFD is. No secret begins with U+0000.
  const bytes = text.isWellFormed() ? text : `\0${JSON.stringify(text)}`
  return createHmac('sha256', key).update(bytes, 'utf8').digest('hex')
}

/** Setting up a key takes eight times as long as the hash itself, and every request hashes. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>()

function checkOf(body: string): string {
  return base62(crc32(body), checkDigits)
}
