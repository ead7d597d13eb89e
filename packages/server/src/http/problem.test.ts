import { expect, test } from 'vitest'
import { AppError, errorCodes } from '../core/errors.ts'
import { internalError, problemOf, statusOf } from './problem.ts'

test('every refusal has a status of its kind, a title and a type of its own', () => {
  const problems = errorCodes.map((code) => problemOf(new AppError(code, 'why')))
  for (const { status, code } of problems) expect([code, status >= 400 && status < 600]).toEqual([code, true])
  expect(new Set(problems.map(({ title }) => title)).size).toBe(errorCodes.length)
  expect(new Set(problems.map(({ type }) => type)).size).toBe(errorCodes.length)
})

test('what may be tried again later is told by 408, 429 or 503, and nothing else is', () => {
  const passing = errorCodes.filter((code) => [408, 429, 503].includes(statusOf[code]))
  expect(passing.sort()).toEqual(
    [
      ...['request_timeout', 'rate_limited', 'overloaded', 'storage_unavailable', 'authority_unavailable'],
      'shutting_down',
    ].sort(),
  )
})

test('a problem holds its faults, where there are some', () => {
  const errors = [{ pointer: '/a', code: 'required', detail: 'needed' }]
  expect(problemOf(new AppError('invalid_request', 'why', { errors }))).toEqual({
    ...{ type: 'urn:tidings:problem:invalid_request', title: 'The request has faults', status: 422 },
    ...{ code: 'invalid_request', detail: 'why', errors },
  })
  expect(problemOf(internalError)).not.toHaveProperty('errors')
})

test('a contract may have another status for it', () => {
  expect(problemOf(new AppError('invalid_request', 'why'), 400)).toMatchObject({ status: 400, code: 'invalid_request' })
})
