import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchIdOf, decodeDeliveryId, encodeDeliveryId } from './delivery-id.ts'

const keys = fc.record({
  epoch: fc.integer({ min: 0, max: 0xffff }),
  subscription: fc.oneof(fc.nat({ max: 500 }), fc.nat({ max: 2 ** 31 - 1 })),
  partition: fc.oneof(fc.constant(0), fc.nat({ max: 100_000 })),
  position: fc.oneof(fc.nat({ max: 100_000 }), fc.maxSafeNat()),
})
const seed = 20_260_102

describe('delivery id', () => {
  test('comes back as the key that it was made from', () => {
    fc.assert(
      fc.property(keys, ({ epoch, ...key }) => {
        const id = encodeDeliveryId({ epoch, ...key })
        expect(id).toMatch(/^dlv_[0-9A-Za-z]{8,27}$/)
        expect(decodeDeliveryId(id, epoch)).toEqual(key)
      }),
    )
  })

  test('keeps its spelling from release to release', () => {
    expect([
      encodeDeliveryId({ epoch: 1, subscription: 1, partition: 0, position: 1 }),
      encodeDeliveryId({ epoch: 1, subscription: 42, partition: 0, position: 1_000_000 }),
      encodeDeliveryId({ epoch: 1, subscription: 2 ** 31 - 1, partition: 7, position: 2 ** 53 - 1 }),
    ]).toMatchInlineSnapshot(`
      [
        "dlv_0i9G2N11",
        "dlv_3g1Y81g4C92",
        "dlv_re7RWM2LKcb1fFgnDxSe77",
      ]
    `)
  })

  test('of another log, or mistyped, is none', () => {
    const characters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-'
    fc.assert(
      fc.property(keys, fc.nat(), fc.constantFrom(...characters), ({ epoch, ...key }, at, char) => {
        const id = encodeDeliveryId({ epoch, ...key })
        const i = at % id.length
        expect(decodeDeliveryId(id, (epoch + 1) % 0x1_0000)).toBeUndefined()
        expect(decodeDeliveryId(id.slice(0, i), epoch)).toBeUndefined()
        const mistyped = id.slice(0, i) + char + id.slice(i + 1)
        fc.pre(mistyped !== id)
        expect(decodeDeliveryId(mistyped, epoch)).toBeUndefined()
      }),
      { numRuns: 10_000, seed },
    )
  })

  test('no other text is one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^dlv_[0-9A-Za-z]{1,40}$/)), (text) => {
        expect(decodeDeliveryId(text, 1)).toBeUndefined()
      }),
      { numRuns: 5_000, seed },
    )
  })
})

describe('the id of a batch', () => {
  const [a, b, c] = ['dlv_0i9G2N11', 'dlv_0i9G2N12', 'dlv_0i9G2N13'].map((deliveryId) => ({ deliveryId })) as [
    { deliveryId: string },
    { deliveryId: string },
    { deliveryId: string },
  ]

  test('of one is that of the delivery', () => {
    expect(batchIdOf([a])).toBe(a.deliveryId)
  })

  test('is the same for the same members, and another for others', () => {
    const ids = [batchIdOf([a, b]), batchIdOf([a, b, c]), batchIdOf([a, c]), batchIdOf([a]), batchIdOf([b, a])]
    expect(batchIdOf([a, b])).toBe(ids[0])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids[0]).toMatch(/^dlv_0i9G2N11\.[0-9a-f]{12}$/)
  })

  test('is no id of a delivery', () => {
    expect(decodeDeliveryId(batchIdOf([a, b]), 1)).toBeUndefined()
  })
})
