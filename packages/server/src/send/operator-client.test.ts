import { expect, onTestFinished, test } from 'vitest'
import { answer, startReceiver } from './fixtures/receiver.ts'
import { userAgent } from './http1/user-agent.ts'
import { OperatorClient } from './operator-client.ts'

function open(): OperatorClient {
  const client = new OperatorClient({ connectionsPerOrigin: 2, bodyBytes: 1_000 })
  onTestFinished(() => client.close())
  return client
}

const get = (url: string, timeoutMs = 10_000) => ({ method: 'GET' as const, url, headers: { 'x-own': 'a' }, timeoutMs })

test('asks with its headers and ours, and gives the bytes as they came', async () => {
  const receiver = await startReceiver({
    onRequest: (socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${answer(200, '{"å":1}')}`),
  })
  const client = open()
  const url = `${receiver.url}?a=b`
  expect(await client.ask(get(url))).toEqual({ kind: 'answered', status: 200, bytes: Buffer.from('{"å":1}') })
  await client.ask({ ...get(url), method: 'POST', body: 'token=ö' })
  expect(receiver.sockets).toHaveLength(1)
  const [first, second] = receiver.requests
  expect(first).toMatch(/^GET \/hook\?a=b HTTP\/1\.1\r\n/)
  for (const line of ['accept-encoding: identity', 'x-own: a', `user-agent: ${userAgent}`])
    expect(first).toContain(line)
  expect(second).toMatch(/content-length: 8\r\n/)
})

test('a kept connection that closes under a question is replaced at once', async () => {
  const receiver = await startReceiver({
    onRequest: (socket, _request, count) => (count === 2 ? socket.resetAndDestroy() : socket.write(answer(200))),
  })
  const client = open()
  await client.ask(get(receiver.url))
  expect(await client.ask(get(receiver.url))).toMatchObject({ kind: 'answered', status: 200 })
  expect(receiver.requests).toHaveLength(3)
})

test.each([
  ['a redirect is not followed', answer(302, '', ['location: /other']), { kind: 'answered', status: 302 }],
  ['an error is a status', answer(503, 'down'), { kind: 'answered', status: 503 }],
  ['too long an answer has failed', answer(200, 'x'.repeat(1_001)), { kind: 'failed', reason: 'too_long' }],
  ['no HTTP has failed', 'hello\r\n\r\n', { kind: 'failed', reason: expect.stringMatching(/^hpe_/) }],
])('%s', async (_case, bytes, expected) => {
  const receiver = await startReceiver({ onRequest: (socket) => socket.write(bytes) })
  expect(await open().ask(get(receiver.url))).toMatchObject(expected)
  expect(receiver.requests).toHaveLength(1)
})

test('fails when the time is over, the answer breaks off, or nobody listens', async () => {
  const silent = await startReceiver({})
  expect(await open().ask(get(silent.url, 200))).toEqual({ kind: 'failed', reason: 'timeout' })
  const partly = await startReceiver({
    onRequest: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na'),
  })
  expect(await open().ask(get(partly.url, 200))).toEqual({ kind: 'failed', reason: 'timeout' })
  const broken = await startReceiver({
    onRequest: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na'),
  })
  expect(await open().ask(get(broken.url))).toEqual({ kind: 'failed', reason: 'econnreset' })
  expect(await open().ask(get('http://127.0.0.1:1/'))).toEqual({ kind: 'failed', reason: 'econnrefused' })
  expect(await open().ask(get('no url'))).toMatchObject({ kind: 'failed' })
})
