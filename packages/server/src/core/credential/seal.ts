import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Sealed } from '../registry/registry.ts'

/** One of the server's sealing keys. `id` (4 bytes) stands in the sealed text, so that old keys go on opening what they sealed. */
export interface SealingKey {
  readonly id: Uint8Array
  /** 32 bytes. */
  readonly key: Uint8Array
}

export const sealNonceBytes = 12
const idBytes = 4
const tagBytes = 16
const version = 'v1.'

/**
 * `v1.<base64url of key id, nonce, ciphertext, tag>` (AES-256-GCM).
 *
 * @param context where the text belongs, as the record's id: a sealed text moved into another record does not open.
 * @param nonce 12 random bytes.
 */
export function sealText(text: string, context: string, key: SealingKey, nonce: Uint8Array): Sealed {
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce)
  cipher.setAAD(Buffer.from(context, 'utf8'))
  const parts = [key.id, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return version + Buffer.concat(parts).toString('base64url')
}

/** The text, or undefined when none of the keys opens it in this context. */
export function unsealText(sealed: Sealed, context: string, keys: readonly SealingKey[]): string | undefined {
  if (!sealed.startsWith(version)) return undefined
  const bytes = Buffer.from(sealed.slice(version.length), 'base64url')
  if (bytes.length < idBytes + sealNonceBytes + tagBytes) return undefined
  const key = keys.find((candidate) => bytes.subarray(0, idBytes).equals(candidate.id))
  if (!key) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key.key, bytes.subarray(idBytes, idBytes + sealNonceBytes))
  decipher.setAAD(Buffer.from(context, 'utf8'))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    const text = decipher.update(bytes.subarray(idBytes + sealNonceBytes, -tagBytes))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
