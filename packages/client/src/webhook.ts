import { SignatureError } from './errors.ts'
import { type ReceivedEvent, readEvent } from './event.ts'
import { itemTexts } from './json-text.ts'

/**
 * Verification of `standard` webhooks (Standard Webhooks 1.0): `v1` is HMAC-SHA256, `v1a` Ed25519,
 * over `<webhook-id>.<webhook-timestamp>.<body>`.
 */
export interface VerifyOptions {
  /** The request's headers: a `Headers` or Node's `request.headers`. */
  readonly headers: Headers | { readonly [name: string]: string | readonly string[] | undefined }
  /** The body exactly as it came, before any parsing. */
  readonly body: string | Uint8Array
  /** `whsec_…` (a signing secret) and `whpk_…` (a signing public key); several while one is being rotated. */
  readonly secrets: string | readonly string[]
  /** How far the timestamp may be from now, either way; default 300. */
  readonly toleranceSeconds?: number | undefined
  /** Epoch milliseconds; default the system's clock. */
  readonly nowMs?: number | undefined
}

export interface VerifiedWebhook {
  /** The delivery's id, the same on every attempt: remember it to do nothing twice. */
  readonly deliveryId: string
  /** One, or several where the subscription has `batch`. */
  readonly events: readonly ReceivedEvent[]
}

/** @throws SignatureError with a `code` that says what is wrong; answer such a request with 400. */
export async function verifyWebhook(options: VerifyOptions): Promise<VerifiedWebhook> {
  const deliveryId = header(options.headers, 'webhook-id')
  const timestamp = header(options.headers, 'webhook-timestamp')
  const signatures = header(options.headers, 'webhook-signature')
  if (!/^\d{1,12}$/.test(timestamp)) throw new SignatureError('invalid_timestamp', 'webhook-timestamp is no number')
  const ageSeconds = Math.floor((options.nowMs ?? Date.now()) / 1_000) - Number(timestamp)
  const tolerance = options.toleranceSeconds ?? 300
  if (ageSeconds > tolerance) throw new SignatureError('too_old', `the webhook was signed ${ageSeconds} s ago`)
  if (-ageSeconds > tolerance) throw new SignatureError('too_new', `the webhook was signed ${-ageSeconds} s ahead`)

  const body = typeof options.body === 'string' ? encoder.encode(options.body) : options.body
  const signed = join(encoder.encode(`${deliveryId}.${timestamp}.`), body)
  const secrets = typeof options.secrets === 'string' ? [options.secrets] : options.secrets
  const keys = await Promise.all(secrets.map(readKey))
  for (const signature of signatures.split(' ')) {
    const comma = signature.indexOf(',')
    const version = signature.slice(0, comma)
    const bytes = fromBase64(signature.slice(comma + 1))
    if (!bytes) continue
    for (const { version: keyVersion, algorithm, key } of keys) {
      if (keyVersion !== version) continue
      // `verify` compares in constant time.
      if (await crypto.subtle.verify(algorithm, key, bytes, signed)) return { deliveryId, events: eventsOf(body) }
    }
  }
  throw new SignatureError('no_match', 'no signature of the webhook matches: is it the right signing secret?')
}

const encoder = new TextEncoder()

function eventsOf(body: Uint8Array): readonly ReceivedEvent[] {
  const text = new TextDecoder().decode(body)
  return text.trimStart().startsWith('[') ? itemTexts(text).map(readEvent) : [readEvent(text)]
}

interface VerifyKey {
  readonly version: 'v1' | 'v1a'
  readonly algorithm: string
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>
}

async function readKey(secret: string): Promise<VerifyKey> {
  const isPublic = secret.startsWith('whpk_')
  const bytes = fromBase64(secret.replace(/^(whsec_|whpk_)/, ''))
  if (!bytes || bytes.length === 0 || secret.startsWith('whsk_'))
    throw new SignatureError('invalid_key', 'a secret begins with whsec_ (or whpk_ for a public key), then base64')
  const algorithm = isPublic ? { name: 'Ed25519' } : { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify'])
  return { version: isPublic ? 'v1a' : 'v1', algorithm: algorithm.name, key }
}

function header(headers: VerifyOptions['headers'], name: string): string {
  const value = isHeaders(headers)
    ? headers.get(name)
    : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  const text = Array.isArray(value) ? value[0] : value
  if (typeof text !== 'string' || text === '')
    throw new SignatureError('missing_header', `the header ${name} is missing`)
  return text
}

function isHeaders(headers: VerifyOptions['headers']): headers is Headers {
  return 'get' in headers && typeof headers.get === 'function'
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  try {
    return Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0))
  } catch {
    return undefined
  }
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(left.length + right.length)
  whole.set(left)
  whole.set(right, left.length)
  return whole
}
