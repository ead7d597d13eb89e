import { describe, expect, it } from 'vitest'
import { textFrame } from './frame.ts'

describe('textFrame', () => {
  it('is RFC 6455, 5.7: a single-frame unmasked text message', () => {
    expect(textFrame('Hello').toString('hex')).toBe('810548656c6c6f')
  })

  it.each([
    [0, '8100'],
    [125, '817d'],
    [126, '817e007e'],
    [256, '817e0100'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
  ])('writes a length of %i as short as it can be', (length, header) => {
    const frame = textFrame('x'.repeat(length))
    expect(frame.subarray(0, header.length / 2).toString('hex')).toBe(header)
    expect(frame.length).toBe(header.length / 2 + length)
  })
})
