import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameMeter } from './frame-meter.ts'

/** A masked frame, as clients send it. */
function frame(first: number, length: number): Buffer {
  const header =
    length < 126
      ? Buffer.from([first, 0x80 | length])
      : length < 65_536
        ? Buffer.from([first, 0xfe, length >> 8, length & 255])
        : Buffer.from([first, 0xff, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255])
  return Buffer.concat([header, Buffer.alloc(4 + length, 0xff)])
}

describe('a message', () => {
  it.each([
    ['a short one', [frame(0x81, 5)]],
    ['an empty one', [frame(0x81, 0)]],
    ['a longer one', [frame(0x81, 200)]],
    ['a long one', [frame(0x81, 70_000)]],
    ['one in fragments, with a ping between', [frame(0x01, 5), frame(0x89, 3), frame(0x00, 0), frame(0x80, 5)]],
  ])('%s is under way from its first byte to its last', (_, frames) => {
    const bytes = Buffer.concat(frames)
    const meter = new FrameMeter()
    for (let at = 0; at < bytes.length; at++) {
      meter.read(bytes.subarray(at, at + 1), at)
      expect(meter.startedAtMs).toBe(at < bytes.length - 1 ? 0 : undefined)
    }
  })

  it('begins anew behind another in the same chunk', () => {
    const meter = new FrameMeter()
    meter.read(frame(0x81, 10).subarray(0, 8), 1)
    meter.read(Buffer.concat([frame(0x81, 10).subarray(8), frame(0x81, 10).subarray(0, 3)]), 2)
    expect(meter.startedAtMs).toBe(2)
    meter.restart(9)
    expect(meter.startedAtMs).toBe(9)
  })

  it('is whole in the end however the bytes are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(0x81, 0x89, 0x8a), fc.nat(300)), { minLength: 1 })
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (lengths, cuts) => {
        const bytes = Buffer.concat(
          lengths.map(([first, length]) => frame(first, first > 0x88 ? length % 126 : length)),
        )
        const meter = new FrameMeter()
        let at = 0
        for (let i = 0; at < bytes.length; i++) {
          const cut = cuts[i % cuts.length]!
          meter.read(bytes.subarray(at, at + cut), i)
          at += cut
        }
        expect(meter.startedAtMs).toBeUndefined()
      }),
    )
  })
})
