import { parseJson } from '../json/json.ts'
import { jsonValue } from '../json/json-text.ts'

/**
 * A token in JOSE's compact form (RFC 7515 §3.1, RFC 7516 §3.1):
 *
 *   <header>.<payload>.<signature>                 each part in base64url, without padding
 *   <header>.<key>.<iv>.<ciphertext>.<tag>
 *
 * Decoders are lenient: the last character of a part has up to four bits that mean nothing, `+` reads as `-`, and
 * `=` is passed over. So one token has many texts that all verify, and only one of them is canonical.
 */
export type BearerText =
  | { readonly kind: 'opaque' }
  | {
      readonly kind: 'jose'
      readonly isCanonical: boolean
      /**
       * What the signature covers; for an encrypted token all of it. An ECDSA signature (r, s) verifies as (r, n − s)
       * too, so the whole text does not name a token, and this does.
       */
      readonly covered: string
    }

export function readBearerText(text: string): BearerText {
  const parts = text.split('.')
  if (parts.length !== 3 && parts.length !== 5) return { kind: 'opaque' }
  const header = decoded(parts[0]!)
  if (header === null || !('alg' in header)) return { kind: 'opaque' }
  const isCanonical = parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
  return { kind: 'jose', isCanonical, covered: parts.length === 3 ? `${parts[0]}.${parts[1]}` : text }
}

export interface Jwt {
  readonly header: JsonMembers
  /** Integers that a double does not hold are bigints. */
  readonly claims: JsonMembers
}

export type JsonMembers = Readonly<Record<string, unknown>>

/** The parts of a signed token, read and not believed; null for one that is not written as it has to be. */
export function readJwt(text: string): Jwt | null {
  const bearer = readBearerText(text)
  if (bearer.kind === 'opaque' || !bearer.isCanonical) return null
  const [header = '', payload = '', signature] = text.split('.')
  if (signature === undefined || text === bearer.covered) return null
  const [headerMembers, claims] = [decoded(header, true), decoded(payload, true)]
  return headerMembers && claims ? { header: headerMembers, claims } : null
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @param isStrict refuses a name that is there twice, of which readers choose different ones (RFC 7515 §4) */
function decoded(part: string, isStrict = false): JsonMembers | null {
  try {
    const text = strictUtf8.decode(Buffer.from(part, 'base64url'))
    if (isStrict && !parseJson(text).ok) return null
    const value = jsonValue(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMembers) : null
  } catch {
    return null
  }
}
