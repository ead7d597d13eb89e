import { crc32 } from 'node:zlib'
import { damaged } from '../file/damage.ts'
import type { IdDigest } from './id-digest.ts'

/**
 * Where each id was seen first, as it is kept in memory and on disk.
 *
 *   entries = entry*                 in memory
 *   blob    = entry* crc32:u32       on disk
 *   entry   = h0 h1 h2 h3 f0 f1 low high, 8 words of 32 bits, little-endian; position = high * 2^32 + low
 */
export const entryWords = 8

export function writeEntry(entries: Uint32Array, index: number, id: IdDigest, position: number): void {
  const at = index * entryWords
  entries[at] = id.h0
  entries[at + 1] = id.h1
  entries[at + 2] = id.h2
  entries[at + 3] = id.h3
  entries[at + 4] = id.f0
  entries[at + 5] = id.f1
  entries[at + 6] = position >>> 0
  entries[at + 7] = Math.floor(position / 0x1_0000_0000)
}

export function isOfId(entries: Uint32Array, index: number, id: IdDigest): boolean {
  const at = index * entryWords
  return entries[at] === id.h0 && entries[at + 1] === id.h1 && entries[at + 2] === id.h2 && entries[at + 3] === id.h3
}

export interface IdPlace {
  readonly position: number
  /** The event under this id is the one asked for. */
  readonly isSameEvent: boolean
}

export function placeAt(entries: Uint32Array, index: number, id: IdDigest): IdPlace {
  const at = index * entryWords
  return {
    position: entries[at + 7]! * 0x1_0000_0000 + entries[at + 6]!,
    isSameEvent: entries[at + 4] === id.f0 && entries[at + 5] === id.f1,
  }
}

/** @param place the row that it is stored in, covered by its checksum. */
export function packEntries(entries: Uint32Array, place: number): Uint8Array {
  const blob = new Uint8Array(entries.byteLength + 4)
  const body = new Uint8Array(entries.buffer, entries.byteOffset, entries.byteLength)
  blob.set(body)
  new DataView(blob.buffer).setUint32(entries.byteLength, crc32(body, placeSeed(place)), true)
  return blob
}

/** @throws AppError `storage_unavailable` when a byte has changed since it was packed, or it was packed for another place */
export function unpackEntries(blob: Uint8Array, place: number): Uint32Array {
  if (!(blob instanceof Uint8Array) || blob.length < 4) throw damaged('the list of published ids')
  const body = blob.slice(0, -4)
  const checksum = new DataView(blob.buffer, blob.byteOffset).getUint32(body.length, true)
  if (crc32(body, placeSeed(place)) !== checksum) throw damaged('the list of published ids')
  return new Uint32Array(body.buffer)
}

function placeSeed(place: number): number {
  return crc32(String(place))
}
