import { hash } from 'node:crypto'
import type { TenantId } from '../../../core/ids/tenant-id.ts'

/**
 * A publisher's id, in 24 bytes: 4 words of a hash over tenant and id, which stand for the id (two
 * ids never meet in 128 bits), and 2 words of the fingerprint, which stand for the event.
 */
export interface IdDigest {
  readonly h0: number
  readonly h1: number
  readonly h2: number
  readonly h3: number
  readonly f0: number
  readonly f1: number
}

export function idDigest(tenantId: TenantId, id: string, f0: number, f1: number): IdDigest {
  // As a binary string, because making a Buffer costs more than the hash.
  const bytes = hash('sha256', `${tenantId}\0${id}`, 'binary')
  return { h0: word(bytes, 0), h1: word(bytes, 4), h2: word(bytes, 8), h3: word(bytes, 12), f0, f1 }
}

function word(bytes: string, at: number): number {
  const high = (bytes.charCodeAt(at) << 24) | (bytes.charCodeAt(at + 1) << 16)
  return (high | (bytes.charCodeAt(at + 2) << 8) | bytes.charCodeAt(at + 3)) >>> 0
}

/** The two words of `NewEvent.fingerprint`. */
export function fingerprintWords(fingerprint: string): readonly [number, number] {
  if (!/^[0-9a-f]{16}$/.test(fingerprint)) throw new RangeError('A fingerprint is 16 hexadecimal digits.')
  return [Number.parseInt(fingerprint.slice(0, 8), 16), Number.parseInt(fingerprint.slice(8), 16)]
}
