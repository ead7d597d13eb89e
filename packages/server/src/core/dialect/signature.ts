import { createHmac, createSecretKey, type KeyObject, sign } from 'node:crypto'
import { remembered } from '../collection/remembered.ts'
import type { LiveSecret } from './dialect.ts'
import { readEd25519PrivateKey, readHmacSecret } from './signature-secret.ts'

/**
 * Signatures of Standard Webhooks 1.0, over the exact bytes that are sent:
 *
 *   webhook-id: dlv_…
 *   webhook-timestamp: 1514469556
 *   webhook-signature: v1,<base64> v1a,<base64>
 *
 *   signed text = <id> "." <timestamp> "." <body>, as UTF-8
 *   v1          = HMAC-SHA256;  v1a = Ed25519
 *
 * Every live secret signs, so that during a rotation a receiver verifies with either.
 */
export function webhookHeaders(
  secrets: readonly LiveSecret[],
  id: string,
  nowMs: number,
  body: string,
): [name: string, value: string][] {
  const timestamp = Math.floor(nowMs / 1_000)
  const headers: [string, string][] = [
    ['webhook-id', id],
    ['webhook-timestamp', String(timestamp)],
  ]
  if (secrets.length > 0) {
    const signed = `${id}.${timestamp}.${body}`
    headers.push(['webhook-signature', secrets.map((secret) => signatureOf(secret, signed)).join(' ')])
  }
  return headers
}

function signatureOf({ algorithm, secret }: LiveSecret, signed: string): string {
  switch (algorithm) {
    case 'hmac-sha256':
      return `v1,${createHmac('sha256', decodedKey(secret)).update(signed, 'utf8').digest('base64')}`
    case 'ed25519':
      return `v1a,${sign(null, Buffer.from(signed, 'utf8'), privateKey(secret)).toString('base64')}`
    default:
      return algorithm satisfies never
  }
}

/** HMAC with the secret as UTF-8 text, as several dialects sign. */
export function hmac(algorithm: 'sha256' | 'sha512', secret: string, text: string, encoding: 'hex' | 'base64'): string {
  return createHmac(algorithm, textKey(secret)).update(text, 'utf8').digest(encoding)
}

// Making a key costs several times what signing with it does, and every delivery signs.
const keysKept = 16_384

const textKey = remembered<KeyObject>(keysKept, (secret) => createSecretKey(secret, 'utf8'))

const decodedKey = remembered<KeyObject>(keysKept, (secret) => {
  const bytes = readHmacSecret(secret)
  if (!bytes) throw new Error('A stored signing secret is not of the form whsec_….')
  return createSecretKey(bytes)
})

const privateKey = remembered<KeyObject>(keysKept, (secret) => {
  const read = readEd25519PrivateKey(secret)
  if (!read) throw new Error('A stored signing key is not of the form whsk_….')
  return read.key
})
