import type { IdDigest } from './id-digest.ts'
import { entryWords, type IdPlace, isOfId, placeAt } from './id-entries.ts'

/**
 * A run is the ids of one stretch of the log, divided by the first bits of their hashes into buckets
 * of about 256, each a row of its own: one small read finds an id, and writing a run is one pass in
 * order, where a B-tree of ids would touch a random page for every event.
 */
const idsPerBucket = 256
const maxBits = 16

/** How many first bits of the hash name the bucket. */
export function bucketBits(count: number): number {
  return Math.min(maxBits, Math.max(0, Math.ceil(Math.log2(count / idsPerBucket))))
}

export function bucketOf(h0: number, bits: number): number {
  return bits === 0 ? 0 : h0 >>> (32 - bits)
}

/** The entries by bucket, in the order given within each. */
export function divideIntoBuckets(entries: Uint32Array, bits: number): Uint32Array[] {
  const sizes = new Uint32Array(2 ** bits)
  for (let i = 0; i < entries.length; i += entryWords) sizes[bucketOf(entries[i]!, bits)]! += entryWords
  const buckets = Array.from(sizes, (size) => new Uint32Array(size))
  const ends = new Uint32Array(2 ** bits)
  for (let i = 0; i < entries.length; i += entryWords) {
    const bucket = bucketOf(entries[i]!, bits)
    const target = buckets[bucket]!
    for (let word = 0; word < entryWords; word++) target[ends[bucket]! + word] = entries[i + word]!
    ends[bucket]! += entryWords
  }
  return buckets
}

/** The latest place of an id after `after` in its bucket. */
export function findInBucket(bucket: Uint32Array, id: IdDigest, after: number): IdPlace | undefined {
  for (let index = bucket.length / entryWords - 1; index >= 0; index--) {
    if (!isOfId(bucket, index, id)) continue
    const place = placeAt(bucket, index, id)
    return place.position > after ? place : undefined
  }
  return undefined
}
