import type { FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import type { Caller } from '../core/credential/caller.ts'
import { ownerOf } from './owner.ts'

const requestBy = (caller: Caller) => ({ caller }) as FastifyRequest

test('a caller that owns nothing may not ask for what is owned', () => {
  expect(ownerOf(requestBy({ kind: 'operator' }))).toEqual({ kind: 'operator' })
  expect(() => ownerOf(requestBy({ kind: 'publisher' }))).toThrow(expect.objectContaining({ code: 'forbidden' }))
})
