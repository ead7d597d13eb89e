import type { FastifyError } from 'fastify'
import { expect, test } from 'vitest'
import { mostFaults } from '../core/errors.ts'
import { fromFastify } from './fastify-error.ts'

const error = (rest: object) => ({ name: 'FastifyError', message: 'm', code: 'FST_X', ...rest }) as FastifyError
const fault = (rest: object = {}) => ({
  keyword: 'type',
  instancePath: '/a',
  params: {},
  message: 'must be string',
  ...rest,
})

test.each([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'payload_too_large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'malformed_request'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'invalid_json'],
  ['FST_ERR_BAD_URL', 'not_found'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'not_found'],
  ['FST_ERR_UNHEARD_OF', 'internal'],
])('%s is told as %s', (code, expected) => {
  expect(fromFastify(error({ code })).code).toBe(expected)
})

test('faults are told with the place of what is wrong, too much or missing', () => {
  const validation = [
    fault(),
    fault({ keyword: 'additionalProperties', instancePath: '', params: { additionalProperty: 'b/c' } }),
    fault({ keyword: 'required', instancePath: '/d', params: { missingProperty: 'e' }, message: undefined }),
  ]
  const refusal = fromFastify(error({ validation, validationContext: 'body' }))
  expect(refusal).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(/^The body has faults/) })
  expect(refusal.errors).toEqual([
    { pointer: '/a', code: 'type', detail: 'must be string' },
    { pointer: '/b~1c', code: 'unknown_field', detail: 'There is no such field.' },
    { pointer: '/d/e', code: 'required', detail: 'is not valid' },
  ])
})

test('a fault of the query is told as one, and no more are told than anybody reads', () => {
  const refusal = fromFastify(
    error({ validation: Array(mostFaults + 1).fill(fault()), validationContext: 'querystring' }),
  )
  expect(refusal.message).toMatch(/^The querystring has faults/)
  expect(refusal.errors).toHaveLength(mostFaults)
})
