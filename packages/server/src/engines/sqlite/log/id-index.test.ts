import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IdBloom } from './id-bloom.ts'
import { fingerprintWords, type IdDigest, idDigest } from './id-digest.ts'
import { entryWords, packEntries, unpackEntries } from './id-entries.ts'
import { IdIndex } from './id-index.ts'
import { bucketBits, bucketOf, divideIntoBuckets, findInBucket } from './id-run.ts'

const digestOf = (id: string, tenantId = 1) => idDigest(tenantId, id, 1, 2)

function indexOf(count: number): { readonly index: IdIndex; readonly digests: IdDigest[] } {
  const index = new IdIndex(4)
  const digests = Array.from({ length: count }, (_, i) => digestOf(`id-${i}`))
  for (const [i, id] of digests.entries()) index.add(id, i + 1)
  return { index, digests }
}

describe('id digest', () => {
  test('tells tenants and ids apart', () => {
    const all = [digestOf('a', 1), digestOf('a', 2), digestOf('b', 1), digestOf('1a', 1), digestOf('a', 11)]
    expect(new Set(all.map(({ h0, h1, h2, h3 }) => [h0, h1, h2, h3].join())).size).toBe(all.length)
  })

  test('has a fingerprint of 16 hexadecimal digits', () => {
    expect(fingerprintWords('ffffffff00000001')).toEqual([0xffff_ffff, 1])
    for (const wrong of ['', 'xyz', '0123456789abcde', '0123456789ABCDEF', '0123456789abcdef0']) {
      expect(() => fingerprintWords(wrong)).toThrow(RangeError)
    }
  })
})

describe('id index', () => {
  test('behaves like a map that can take back its latest additions', () => {
    const operations = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), id: fc.nat({ max: 40 }) }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), id: fc.nat({ max: 8 }) }) },
      ),
      { maxLength: 120 },
    )
    fc.assert(
      fc.property(operations, fc.nat({ max: 60 }), (steps, after) => {
        const index = new IdIndex(2)
        const model: { id: number; position: number }[] = []
        for (const [step, { kind, id }] of steps.entries()) {
          if (kind === 'add') {
            index.add(digestOf(String(id)), step + 1)
            model.push({ id, position: step + 1 })
          } else {
            const count = Math.max(0, model.length - id)
            index.truncate(count)
            model.length = count
          }
        }
        expect(index.count).toBe(model.length)
        for (let id = 0; id <= 40; id++) {
          const latest = model.findLast((entry) => entry.id === id && entry.position > after)
          expect(index.find(digestOf(String(id)), after)?.position).toBe(latest?.position)
        }
      }),
    )
  })

  test('keeps positions and fingerprints whole', () => {
    const index = new IdIndex()
    index.add(idDigest(1, 'far', 0xffff_ffff, 0), Number.MAX_SAFE_INTEGER)
    expect(index.find(idDigest(1, 'far', 0xffff_ffff, 0), 0)).toEqual({
      position: Number.MAX_SAFE_INTEGER,
      isSameEvent: true,
    })
    expect(index.find(idDigest(1, 'far', 0xffff_ffff, 1), 0)!.isSameEvent).toBe(false)
  })

  test('comes back from its entries', () => {
    const { index, digests } = indexOf(300)
    const again = new IdIndex(1)
    again.addAll(unpackEntries(packEntries(index.entriesFrom(0), 7), 7))
    expect(digests.map((id) => again.find(id, 0)!.position)).toEqual(digests.map((_, i) => i + 1))
  })
})

describe('entries on disk', () => {
  test('notice any altered byte', () => {
    const blob = packEntries(indexOf(3).index.entriesFrom(0), 7)
    for (let at = 0; at < blob.length; at++) {
      const altered = blob.slice()
      altered[at]! ^= 1 << (at % 8)
      expect(() => unpackEntries(altered, 7)).toThrow(/damaged/)
    }
    expect(() => unpackEntries(blob, 8)).toThrow(/damaged/)
  })
})

describe('id run', () => {
  test.each([0, 1, 200, 257, 5_000])('of %d ids finds each one and no other', (count) => {
    const { index, digests } = indexOf(count)
    const bits = bucketBits(count)
    const buckets = divideIntoBuckets(index.entriesFrom(0), bits)
    expect(buckets.reduce((sum, bucket) => sum + bucket.length / entryWords, 0)).toBe(count)
    for (const [i, id] of digests.entries()) {
      expect(findInBucket(buckets[bucketOf(id.h0, bits)]!, id, 0)?.position).toBe(i + 1)
      expect(findInBucket(buckets[bucketOf(id.h0, bits)]!, id, i + 1)).toBeUndefined()
    }
    const unknown = digestOf('unknown')
    expect(findInBucket(buckets[bucketOf(unknown.h0, bits)]!, unknown, 0)).toBeUndefined()
  })

  test('has a Bloom filter that misses none and rarely cries wolf', () => {
    const { index, digests } = indexOf(20_000)
    const bloom = IdBloom.of(index.entriesFrom(0))
    expect(digests.every((id) => bloom.mayHave(id))).toBe(true)
    const strangers = Array.from({ length: 20_000 }, (_, i) => digestOf(`stranger-${i}`))
    expect(strangers.filter((id) => bloom.mayHave(id)).length).toBeLessThan(600)
  })
})
