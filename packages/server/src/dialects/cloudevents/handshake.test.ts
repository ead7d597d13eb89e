import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type HandshakeQuestion, handshakeRequest, judgeHandshake, judgeHandshakeCallback } from './handshake.ts'

const question: HandshakeQuestion = {
  url: 'https://example.com/hook?a=1',
  origin: 'hooks.example.com',
  callback: null,
  ratePerMinute: 120,
}
const patient = { ...question, callback: 'https://hooks.example.com/confirm?id=1&key=2' }
const unhurried = { ...question, ratePerMinute: null }

const answer = (origin: string | null, rate: string | null) => ({
  headers: {
    allow: 'POST',
    ...(origin === null ? {} : { 'webhook-allowed-origin': origin }),
    ...(rate === null ? {} : { 'webhook-allowed-rate': rate }),
  },
})

test('asks with what there is to ask', () => {
  expect(handshakeRequest(patient)).toEqual({
    method: 'OPTIONS',
    url: question.url,
    headers: [
      ['webhook-request-origin', 'hooks.example.com'],
      ['webhook-request-callback', 'https://hooks.example.com/confirm?id=1&key=2'],
      ['webhook-request-rate', '120'],
    ],
    body: null,
  })
  expect(handshakeRequest(unhurried).headers).toEqual([['webhook-request-origin', 'hooks.example.com']])
})

describe('the answer', () => {
  const granted = (ratePerMinute: number | null) => ({ kind: 'granted', ratePerMinute })
  const refused = (reason: string) => ({ kind: 'refused', reason })
  test.each([
    ['the origin and a rate', question, answer('hooks.example.com', '100'), granted(100)],
    ['more than was asked', question, answer('hooks.example.com', '240'), granted(240)],
    ['any origin, any rate', question, answer('*', '*'), granted(null)],
    ['another letter case, spaces', question, answer(' Hooks.Example.COM ', ' 7 '), granted(7)],
    ['no rate, none was asked', unhurried, answer('*', null), granted(null)],
    ['a rate, none was asked', unhurried, answer('*', '60'), granted(60)],
    ['no rate, one was asked', question, answer('*', null), refused('rate_missing')],
    ['rate 0', question, answer('*', '0'), refused('rate_invalid')],
    ['a negative rate', question, answer('*', '-1'), refused('rate_invalid')],
    ['a fraction', question, answer('*', '1.5'), refused('rate_invalid')],
    ['a rate past all numbers', question, answer('*', '9'.repeat(400)), refused('rate_invalid')],
    ['an empty rate', question, answer('*', ''), refused('rate_invalid')],
    ['another origin', question, answer('example.com', '*'), refused('origin_not_allowed')],
    ['a list of origins', question, answer('hooks.example.com, example.com', '*'), refused('origin_not_allowed')],
    ['a pattern', question, answer('*.example.com', '*'), refused('origin_not_allowed')],
    ['a rate alone', question, answer(null, '*'), refused('no_consent')],
    ['nothing', question, answer(null, null), refused('no_consent')],
    ['nothing, but it may call back', patient, answer(null, null), { kind: 'pending' }],
    ['no answer', patient, null, refused('unreachable')],
  ])('%s', (_name, asked, answered, verdict) => {
    expect(judgeHandshake(asked, answered)).toEqual(verdict)
  })

  test('a callback is consent, at the rate it names', () => {
    expect(judgeHandshakeCallback(undefined)).toEqual(granted(null))
    expect(judgeHandshakeCallback('*')).toEqual(granted(null))
    expect(judgeHandshakeCallback('30')).toEqual(granted(30))
    expect(judgeHandshakeCallback('many')).toEqual(refused('rate_invalid'))
  })
})

test('over HTTP, with a receiver that consents', async () => {
  const receiver = createServer((request, response) => {
    const origin = request.headers['webhook-request-origin']
    const isAsked = request.method === 'OPTIONS' && origin === question.origin
    response.writeHead(200, isAsked ? { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': '60' } : {}).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  try {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
    const { method, headers } = handshakeRequest({ ...question, url })
    const response = await fetch(url, { method, headers: headers.map(([name, value]) => [name, value]) })
    await response.text()
    const verdict = judgeHandshake(question, { headers: Object.fromEntries(response.headers) })
    expect(verdict).toEqual({ kind: 'granted', ratePerMinute: 60 })
  } finally {
    receiver.close()
    receiver.closeAllConnections()
  }
})
