import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeOffset, encodeOffset, offsetEncoder } from './offset.ts'

const epochs = fc.integer({ min: 0, max: 0xffff })
const positions = fc.oneof(fc.nat({ max: 100_000 }), fc.maxSafeNat())
const topics = fc.constantFrom('invoices', 'customers', 'suppliers', 'orders', 'x')
const places = fc.record({ epoch: epochs, topic: topics, position: positions })
const seed = 20_260_101

describe('offset', () => {
  test('comes back as the position that it was made from', () => {
    fc.assert(
      fc.property(places, ({ epoch, topic, position }) => {
        const token = encodeOffset({ epoch, topic, position })
        expect(token).toMatch(/^[A-P][\w-]{7,15}$/)
        expect(decodeOffset(token, { epoch, topic })).toEqual({ kind: 'position', position })
        expect(offsetEncoder(epoch, topic).encode(position)).toBe(token)
      }),
    )
  })

  test.each([
    [0, 8],
    [63, 8],
    [64, 9],
    [2 ** 24, 12],
    [2 ** 30 - 1, 12],
    [2 ** 30, 13],
    [Number.MAX_SAFE_INTEGER, 16],
  ])('of position %d has %d characters', (position, length) => {
    const token = encodeOffset({ epoch: 0xbeef, topic: 'invoices', position })
    expect(token).toHaveLength(length)
    expect(decodeOffset(token, { epoch: 0xbeef, topic: 'invoices' })).toEqual({ kind: 'position', position })
  })

  test('keeps its spelling from release to release', () => {
    expect(
      [0, 1, 4711, 2 ** 31, 2 ** 53 - 1].map((position) => encodeOffset({ epoch: 1, topic: 'invoices', position })),
    ).toMatchInlineSnapshot(`
      [
        "OsZFzKVU",
        "OleM9cGG",
        "B-dP-ZHhQv",
        "KXNRh-st-B6DP",
        "FjppFUWor6yfqDUD",
      ]
    `)
  })

  test('is unique within its topic', () => {
    const encoder = offsetEncoder(7, 'invoices')
    expect(new Set(Array.from({ length: 50_000 }, (_, position) => encoder.encode(position))).size).toBe(50_000)
  })

  test('is refused after any single slip of the keyboard', () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ .=%+/é'
    const slips = fc.oneof(
      fc.record({ slip: fc.constant('change'), at: fc.nat(), char: fc.constantFrom(...characters) }),
      fc.record({
        slip: fc.constantFrom('swap', 'drop', 'flip', 'double', 'cut'),
        at: fc.nat(),
        char: fc.constant(''),
      }),
      fc.record({ slip: fc.constant('insert'), at: fc.nat(), char: fc.constantFrom(...characters) }),
    )
    fc.assert(
      fc.property(places, slips, ({ epoch, topic, position }, { slip, at, char }) => {
        const token = encodeOffset({ epoch, topic, position })
        const i = at % token.length
        const mistyped = {
          change: token.slice(0, i) + char + token.slice(i + 1),
          insert: token.slice(0, i) + char + token.slice(i),
          drop: token.slice(0, i) + token.slice(i + 1),
          double: token.slice(0, i) + token[i] + token.slice(i),
          swap: token.slice(0, i) + (token[i + 1] ?? '') + token[i] + token.slice(i + 2),
          flip: token.slice(0, i) + flipCase(token[i]!) + token.slice(i + 1),
          cut: token.slice(0, i),
        }[slip]!
        fc.pre(mistyped !== token)
        expect(decodeOffset(mistyped, { epoch, topic, knownTopics: ['orders', 'x'] })).toEqual({ kind: 'malformed' })
      }),
      { numRuns: 20_000, seed },
    )
  })

  test('names what it is instead', () => {
    fc.assert(
      fc.property(places, topics, epochs, ({ epoch, topic, position }, otherTopic, otherEpoch) => {
        fc.pre(otherTopic !== topic && otherEpoch !== epoch)
        const token = encodeOffset({ epoch, topic, position })
        const knownTopics = ['invoices', 'customers', 'suppliers', 'orders', 'x']
        expect(decodeOffset(token, { epoch, topic: otherTopic, knownTopics })).toEqual({ kind: 'other-topic', topic })
        expect(decodeOffset(token, { epoch: otherEpoch, topic })).toEqual({ kind: 'other-log' })
        expect(decodeOffset(token, { epoch: otherEpoch, topic: otherTopic, knownTopics })).toEqual({
          kind: 'other-log',
        })
        expect(decodeOffset(token, { epoch, topic: otherTopic })).toEqual({ kind: 'malformed' })
      }),
      { seed },
    )
  })

  test('no other text is one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-P][\w-]{7,15}$/)), (token) => {
        expect(decodeOffset(token, { epoch: 1, topic: 'invoices', knownTopics: ['orders'] })).toEqual({
          kind: 'malformed',
        })
      }),
      { numRuns: 5_000, seed },
    )
  })
})

function flipCase(char: string): string {
  return char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()
}
