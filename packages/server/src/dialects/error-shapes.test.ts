import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { AppError, errorCodes } from '../core/errors.ts'
import { systemClock } from '../core/time/clock.ts'
import { createApp } from '../http/app.ts'
import { refuseOtherMethods } from '../http/caller-guard.ts'
import { statusOf } from '../http/problem.ts'
import type { Answers } from './contract/answers.ts'
import { dialects } from './dialects.ts'
import { type ErrorAnswer, errorShapes } from './fixtures/error-shapes.ts'
import { idleHost } from './fixtures/idle-host.ts'
import { startLiveServer } from './fixtures/live.ts'

/** Whatever goes wrong, and wherever it does: a client of a dialect reads errors in the dialect's one shape. */

const spoken = dialects.filter(({ routes }) => routes).map(({ name }) => name)

/** Something below each dialect's paths that asks the server for something. */
const anyRoute: Readonly<Record<string, readonly [method: 'GET' | 'POST', path: string]>> = {
  tripletex: ['GET', '/v2/event'],
  moneybird: ['GET', '/api/v2/administrations'],
  fakturownia: ['GET', '/webhooks.json'],
  'visma-business-nxt': ['GET', '/visma-nxt/v1/webhook-targets'],
  cloudevents: ['POST', '/cloudevents/v1/consent/sub_1/key'],
}

test('there is a shape and a route for each dialect that has an interface', () => {
  expect(Object.keys(errorShapes).sort()).toEqual([...spoken].sort())
  expect(Object.keys(anyRoute).sort()).toEqual([...spoken].sort())
})

/** The dialect's routes over a server of which everything that is asked fails so. */
async function answerTo(dialectName: string, failure: () => Error): Promise<ErrorAnswer & { failures: unknown[] }> {
  const failures: unknown[] = []
  const fail = () => {
    throw failure()
  }
  const app = createApp({
    trustProxies: [],
    guard: { authenticate: fail },
    onRequestDone: () => {},
    onFailure: (error) => failures.push(error),
  })
  refuseOtherMethods(app)
  let isFailing = false
  const answers: Answers = {
    refuseBelow: (prefix, refuse) => app.refuseBelow(prefix, refuse),
    failed: (error) => failures.push(error),
  }
  const host = idleHost({ clock: systemClock, settings: {}, answers }, () => (isFailing ? fail() : undefined))
  await app.register(async (scope) => dialects.find(({ name }) => name === dialectName)!.routes!(scope, host))
  app.closeMethods()
  await app.ready()
  isFailing = true
  const [method, url] = anyRoute[dialectName]!
  const answer = await app.inject({ method, url, headers: { host: 'localhost', authorization: 'Bearer some-token' } })
  await app.close()
  return {
    status: answer.statusCode,
    type: String(answer.headers['content-type']),
    text: answer.body,
    header: (name) => answer.headers[name]?.toString(),
    failures,
  }
}

describe.each(spoken)('%s', (name) => {
  test.each(errorCodes)('a refusal for %s', async (code) => {
    const answer = await answerTo(name, () => new AppError(code, 'why', { retryAfterSeconds: 7 }))
    errorShapes[name]!(answer)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    // 503 is not hidden behind 500, nor a client's fault behind the server's.
    if (statusOf[code] >= 500) expect(answer.status).toBe(statusOf[code])
    else expect(answer.status).toBeLessThan(500)
    if (code === 'rate_limited' || answer.status === 503) expect(answer.header('retry-after')).toMatch(/^\d+$/)
  })

  test('a bug: 500, told to the log and to nobody else', async () => {
    const answer = await answerTo(name, () => new Error('the bug said hush'))
    errorShapes[name]!(answer)
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('hush')
    expect(answer.failures).toMatchObject([{ message: 'the bug said hush' }])
  })
})

/** Where each dialect's paths begin; what no route there answers, and what the router itself refuses. */
const prefixes: readonly (readonly [dialect: string, prefix: string])[] = [
  ['tripletex', '/v2'],
  ['moneybird', '/api/v2'],
  ['fakturownia', '/webhooks'],
  ['fakturownia', '/webhooks.json'],
  ['visma-business-nxt', '/visma-nxt/v1'],
  ['cloudevents', '/cloudevents/v1'],
]
const long = 'a'.repeat(700)

test('paths that the router refuses, methods that nobody has, bodies of the wrong kind', async () => {
  const server = await startLiveServer()
  const call = (method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = '') =>
    new Promise<ErrorAnswer>((resolve, reject) => {
      const asked = request(server.url, { path, method, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          const { statusCode, headers: got } = response
          const type = String(got['content-type'])
          resolve({ status: statusCode!, type, text, header: (name) => got[name]?.toString() })
        })
      })
      asked.on('error', reject).end(body)
    })
  const json = { 'content-type': 'application/json' }
  for (const [dialect, prefix] of prefixes) {
    for (const [method, path, headers, body] of [
      ['GET', '/nothing'],
      ['GET', '/'],
      ['GET', '?a=1'],
      ['GET', '/%zz'],
      ['GET', '/%zz?a=1'],
      ['POST', '/%ff%fe', json, '{}'],
      ['GET', `/${long}`],
      ['GET', `/event/subscription/${long}`],
      ['PATCH', `/1/webhooks/${long}/activate`],
      ['DELETE', `/webhook-targets/${long}`],
      ['GET', '/%00'],
      ['GET', '//x'],
      ['GET', '/..%2f..%2fetc%2fpasswd'],
      ['PATCH', '/event'],
      ['PROPFIND', '/x'],
      ['TRACE', '/x'],
      ['POST', '/event/subscription', { 'content-encoding': 'gzip' }, 'x'],
      ['POST', '/1/webhooks', { 'content-encoding': 'gzip', ...json }, 'x'],
      ['POST', '', { 'content-encoding': 'br' }, 'x'],
      ['POST', '', { 'content-type': 'text/xml' }, '<a/>'],
      ['POST', '/consent/sub_1/key', { 'webhook-allowed-rate': 'many' }],
    ] as const) {
      const answer = await call(method, `${prefix}${path}`, headers, body)
      const line = `${method} ${prefix}${path.slice(0, 40)}`
      // RFC 9110 §9.1: a method that no path has is not implemented.
      if (method === 'PROPFIND') expect([line, answer.status]).toEqual([line, 501])
      else expect([line, answer.status >= 400 && answer.status < 500]).toEqual([line, true])
      try {
        errorShapes[dialect]!(answer)
      } catch (error) {
        throw new Error(`${line}: ${answer.status} ${answer.text}`, { cause: error })
      }
    }
  }
}, 60_000)
