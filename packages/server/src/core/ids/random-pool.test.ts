import { expect, test } from 'vitest'
import { randomPool } from './random-pool.ts'

test('bytes come from blocks, and none comes twice', () => {
  const blocks: Uint8Array[] = []
  const take = randomPool((size) => {
    const block = Uint8Array.from({ length: size }, (_, index) => index % 251)
    blocks.push(block)
    return block
  })
  const places = new Set<string>()
  for (let index = 0; index < 1_000; index++) {
    const bytes = take(10)
    expect(bytes).toHaveLength(10)
    const key = `${blocks.findIndex(({ buffer }) => buffer === bytes.buffer)} ${bytes.byteOffset}`
    expect(places.has(key)).toBe(false)
    places.add(key)
  }
  expect(blocks).toHaveLength(3)
})
