import { expect, test } from 'vitest'
import type { SigningSecret } from '../registry/registry.ts'
import { overlapping } from './secret-rotation.ts'

const nowMs = Date.parse('2026-01-01T00:00:00Z')
const secret = (expiresAt: string | null): SigningSecret => ({
  ...{ algorithm: 'hmac-sha256', sealed: 'x', publicKey: null, createdAt: '2025-01-01T00:00:00Z', expiresAt },
})
const ends = (secrets: readonly SigningSecret[], overlapSeconds: number) =>
  overlapping(secrets, nowMs, overlapSeconds).map(({ expiresAt }) => expiresAt)

test('the current secret goes on until the overlap ends', () => {
  expect(ends([secret(null)], 60)).toEqual(['2026-01-01T00:01:00.000Z'])
})

test('without an overlap no earlier one signs', () => {
  expect(ends([secret(null), secret('2026-01-01T01:00:00Z')], 0)).toEqual([])
})

test('one that ends before keeps its end, one that would end later is cut, and one that ended is gone', () => {
  const secrets = [secret('2026-01-01T00:00:30Z'), secret('2026-01-02T00:00:00Z'), secret('2026-01-01T00:00:00Z')]
  expect(ends(secrets, 60)).toEqual(['2026-01-01T00:00:30.000Z', '2026-01-01T00:01:00.000Z'])
})

test('at most four earlier ones sign, the newest', () => {
  const secrets = [1, 2, 3, 4, 5].map((minute) => secret(`2026-01-01T00:0${minute}:00Z`))
  expect(ends(secrets, 3_600)).toEqual([1, 2, 3, 4].map((minute) => `2026-01-01T00:0${minute}:00.000Z`))
})
