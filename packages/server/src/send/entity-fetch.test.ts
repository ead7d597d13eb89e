import { expect, test } from 'vitest'
import { createEntityFetch } from './entity-fetch.ts'
import { startReceiver } from './fixtures/receiver.ts'

async function asked(answer: string | null) {
  const receiver = await startReceiver({
    onRequest: (socket) => (answer === null ? socket.destroy() : socket.end(answer, 'latin1')),
  })
  const fetch = createEntityFetch()
  try {
    return await fetch.fetch({ url: receiver.url, headers: { 'x-key': '1' }, timeoutMs: 5_000 })
  } finally {
    await fetch.close()
  }
}

const answer = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`

test.each([
  [
    'an entity, with every digit',
    answer('200 OK', '{"total": 12345678901234567.890}'),
    { kind: 'entity', text: '{"total":12345678901234567.890}' },
  ],
  ['404', answer('404 Not Found', ''), { kind: 'gone' }],
  ['410', answer('410 Gone', ''), { kind: 'gone' }],
  ['null', answer('200 OK', 'null'), { kind: 'gone' }],
  ['a list', answer('200 OK', '[]'), { kind: 'unavailable', reason: 'no_object' }],
  ['no JSON', answer('200 OK', '{'), { kind: 'unavailable', reason: 'invalid_json' }],
  [
    'no UTF-8',
    `HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\n\xff`,
    { kind: 'unavailable', reason: 'invalid_json' },
  ],
  ['500', answer('500 Oops', ''), { kind: 'unavailable', reason: 'http_500' }],
  ['nothing at all', null, { kind: 'unavailable', reason: expect.any(String) }],
])('the application answers with %s', async (_what, text, expected) => {
  expect(await asked(text)).toEqual(expected)
})
