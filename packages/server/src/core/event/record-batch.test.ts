import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { largestTenantId } from '../ids/tenant-id.ts'
import type { StoredEvent } from './event.ts'
import { batchChecksum, decodeRecordBatch, RecordBatchEncoder } from './record-batch.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const records = fc.array(
  fc.record({
    step: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 40 })),
    tenantId: fc.oneof(
      fc.integer({ min: 1, max: 50_000 }),
      fc.maxSafeNat(),
      fc.bigInt({ min: 2n ** 53n, max: largestTenantId }),
    ),
    type: fc.constantFrom('invoice.updated', 'customer.created', 'ö.ä'),
    isQuiet: fc.boolean(),
    entityKey: text,
    head: text,
    tail: text,
  }),
  { minLength: 1, maxLength: 30 },
)
const everything = { after: 0, until: Number.MAX_SAFE_INTEGER, maxEvents: Number.MAX_SAFE_INTEGER }
const common = { partition: 0, topic: 'invoices', appendedAtMs: 1_767_225_600_000 }

function encode(given: readonly Omit<StoredEvent, keyof typeof common>[]) {
  // Texts lie in a source with gaps between some of them, as duplicates leave them.
  const parts = given.map((event) => Buffer.from(event.entityKey + event.head + event.tail))
  const source = Buffer.concat(parts.flatMap((part, i) => (i % 3 === 0 ? [Buffer.from('gap'), part] : [part])))
  const batch = new RecordBatchEncoder(given[0]!.position)
  let at = 0
  for (const [i, event] of given.entries()) {
    if (i % 3 === 0) at += 3
    const { entityKey, head, tail, ...fields } = event
    const lengths = { keyLength: entityKey.length, headLength: head.length, tailLength: tail.length }
    batch.add({ ...fields, ...lengths }, source, at, at + parts[i]!.length)
    at += parts[i]!.length
  }
  return { body: batch.finish(), base: batch.base, last: batch.last, count: batch.count }
}

function eventsOf(steps: readonly (Omit<StoredEvent, 'position' | keyof typeof common> & { step: number })[]) {
  let position = 41
  return steps.map(({ step, ...event }) => {
    position += step
    return { ...event, position }
  })
}

describe('record batch', () => {
  test('gives back its events, or those of a range', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 40 }), (steps, from, to, maxEvents) => {
        const events = eventsOf(steps)
        const { body, base, last, count } = encode(events)
        const stored = events.map((event) => ({ ...common, ...event }))
        expect({ base, last, count }).toEqual({
          base: events[0]!.position,
          last: events.at(-1)!.position,
          count: events.length,
        })
        expect(decodeRecordBatch(body, { ...common, ...everything, base })).toEqual(stored)
        const after = events[from % events.length]!.position - 1
        const until = events[to % events.length]!.position
        expect(decodeRecordBatch(body, { ...common, base, after, until, maxEvents })).toEqual(
          stored.filter(({ position }) => position > after && position <= until).slice(0, maxEvents),
        )
      }),
    )
  })

  test('keeps its bytes from release to release', () => {
    const event = {
      tenantId: 29302,
      isQuiet: true,
      type: 'invoice.updated',
      entityKey: '3817',
      head: '"a":1',
      tail: '"ö"',
    }
    const { body } = encode([
      { ...event, position: 1_000 },
      { ...event, position: 1_200, isQuiet: false },
    ])
    expect(Buffer.from(body).toString('hex')).toMatchInlineSnapshot(
      `"01010f696e766f6963652e75706461746564020001f6e401000405030dc80100f6e401000405030d333831372261223a3122c3b622333831372261223a3122c3b622"`,
    )
    expect(
      batchChecksum({ base: 1_000, last: 1_200, topic: 1, appendedAtMs: 5, links: [] }, body),
    ).toMatchInlineSnapshot(`487875354`)
  })

  test('has a checksum that any altered bit or another place changes', () => {
    const place = { base: 42, last: 44, topic: 1, appendedAtMs: 1_000, links: [7, 8] }
    const { body } = encode(
      eventsOf(
        [1, 2, 3].map((n) => ({
          step: 1,
          tenantId: n,
          isQuiet: false,
          type: 't',
          entityKey: 'k',
          head: 'h',
          tail: 't',
        })),
      ),
    )
    const checksum = batchChecksum(place, body)
    for (let bit = 0; bit < body.length * 8; bit++) {
      const altered = body.slice()
      altered[bit >> 3]! ^= 1 << (bit & 7)
      expect(batchChecksum(place, altered)).not.toBe(checksum)
    }
    for (const other of [{ base: 43 }, { last: 45 }, { topic: 2 }, { appendedAtMs: 1_001 }, { links: [7, 9] }]) {
      expect(batchChecksum({ ...place, ...other }, body)).not.toBe(checksum)
    }
  })
})
