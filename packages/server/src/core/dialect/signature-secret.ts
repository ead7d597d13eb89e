import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** How a dialect's signing secrets look: `standard` as Standard Webhooks has them; or a text of its own form; or none. */
export type SecretForm = 'standard' | 'none' | ((random: (bytes: number) => Uint8Array) => string)

/**
 * Secrets of Standard Webhooks 1.0, "Signature scheme":
 *
 *   whsec_<base64 of 24 to 64 bytes>                        HMAC-SHA256
 *   whsk_<base64 of the 32-byte seed and the public key>    Ed25519, private
 *   whpk_<base64 of the 32-byte public key>                 Ed25519, public
 *
 * Base64 is the standard alphabet with its padding, in its one canonical spelling: receivers'
 * libraries do not agree on any other.
 */
const hmacPrefix = 'whsec_'
const privatePrefix = 'whsk_'
const publicPrefix = 'whpk_'

export const hmacSecretBytes = 32
const shortestHmacBytes = 24
const longestHmacBytes = 64
export const ed25519SeedBytes = 32

// RFC 8410: what stands before the raw key in PKCS #8 and in SubjectPublicKeyInfo.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex')

export interface Ed25519Keys {
  /** `whsk_…` */
  readonly privateKey: string
  /** `whpk_…` */
  readonly publicKey: string
}

/** @param random 32 random bytes. */
export function makeHmacSecret(random: Uint8Array): string {
  if (random.length !== hmacSecretBytes) throw new RangeError(`a secret takes ${hmacSecretBytes} random bytes`)
  return hmacPrefix + Buffer.from(random).toString('base64')
}

/** The key's bytes, or undefined when the text is no such secret: for imported ones too. */
export function readHmacSecret(text: string): Uint8Array | undefined {
  const bytes = bytesAfter(hmacPrefix, text)
  return bytes && bytes.length >= shortestHmacBytes && bytes.length <= longestHmacBytes ? bytes : undefined
}

/** @param seed 32 random bytes. */
export function makeEd25519Keys(seed: Uint8Array): Ed25519Keys {
  if (seed.length !== ed25519SeedBytes) throw new RangeError(`a key pair takes ${ed25519SeedBytes} random bytes`)
  const publicBytes = rawPublicKey(privateKeyOf(seed))
  return {
    privateKey: privatePrefix + Buffer.concat([seed, publicBytes]).toString('base64'),
    publicKey: publicPrefix + publicBytes.toString('base64'),
  }
}

/**
 * The private key and its public one in Standard Webhooks' form, or undefined when the text is no
 * such key. Both spellings in use are read: the seed alone, and the seed with the public key.
 */
export function readEd25519PrivateKey(
  text: string,
): { readonly key: KeyObject; readonly keys: Ed25519Keys } | undefined {
  const bytes = bytesAfter(privatePrefix, text)
  if (bytes?.length !== 32 && bytes?.length !== 64) return undefined
  const seed = bytes.subarray(0, ed25519SeedBytes)
  const keys = makeEd25519Keys(seed)
  // A public half that is not the seed's own: one of the two is mistyped, and no receiver would verify.
  if (bytes.length === 64 && keys.privateKey !== text) return undefined
  return { key: privateKeyOf(seed), keys }
}

/** Undefined when the text is no `whpk_…`. */
export function readEd25519PublicKey(text: string): KeyObject | undefined {
  const bytes = bytesAfter(publicPrefix, text)
  if (bytes?.length !== 32) return undefined
  return createPublicKey({ key: Buffer.concat([spkiHead, bytes]), format: 'der', type: 'spki' })
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
}

function rawPublicKey(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(spkiHead.length)
}

function bytesAfter(prefix: string, text: string): Buffer | undefined {
  if (!text.startsWith(prefix)) return undefined
  const encoded = text.slice(prefix.length)
  const bytes = Buffer.from(encoded, 'base64')
  // Decoding skips what is no base64; spelling it again shows that nothing was.
  return bytes.toString('base64') === encoded ? bytes : undefined
}
