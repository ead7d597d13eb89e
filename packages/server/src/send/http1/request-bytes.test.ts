import { expect, test } from 'vitest'
import { requestBytes } from './request-bytes.ts'
import { userAgent } from './user-agent.ts'

const target = { method: 'POST', path: '/hook?a=b', host: 'example.com:8443' }

test('head and body are one buffer', () => {
  expect(requestBytes(target, [['X-Own', 'ö']], '{"å":1}').toString('latin1')).toBe(
    [
      'POST /hook?a=b HTTP/1.1',
      'host: example.com:8443',
      'connection: keep-alive',
      'X-Own: ö',
      `user-agent: ${userAgent}`,
      'accept-encoding: identity',
      'content-length: 8',
      '',
      Buffer.from('{"å":1}').toString('latin1'),
    ].join('\r\n'),
  )
})

test('names Tidings and its version, unless the request names itself', () => {
  expect(userAgent).toMatch(/^Tidings\/\d+\.\d+\.\d+/)
  const text = requestBytes(target, [['User-AGENT', 'Own/1']], '').toString()
  expect(text.match(/user-agent: .*/gi)).toEqual(['User-AGENT: Own/1'])
})

test.each([
  ['a line break in a value', [['x', 'a\r\nb: c']], 'invalid x header'],
  ['a line break in a name', [['x\r\ny', 'a']], 'header'],
  ['a colon in a name', [['x:', 'a']], 'header'],
  ['a character beyond Latin-1', [['x', '€']], 'invalid x header'],
] as const)('%s is the caller’s fault', (_case, headers, message) => {
  expect(() => requestBytes(target, headers, null)).toThrow(message)
})

test('a path or method that would be two requests is refused', () => {
  expect(() => requestBytes({ ...target, path: '/a b' }, [], null)).toThrow('invalid path')
  expect(() => requestBytes({ ...target, method: 'GET /' }, [], null)).toThrow('invalid method')
})

test('headers that the connection owns are not the caller’s', () => {
  const headers = ['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'TE', 'Accept-Encoding'] as const
  const text = requestBytes(
    target,
    headers.map((name) => [name, 'x'] as const),
    '',
  ).toString()
  expect(text).not.toContain(': x\r\n')
})
