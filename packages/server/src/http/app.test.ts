import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { createApp } from './app.ts'

test('an answer that breaks off after its head is told to the log', async () => {
  const failure = Promise.withResolvers<unknown>()
  const app = createApp({
    trustProxies: [],
    guard: { authenticate: () => ({ kind: 'operator' }) },
    onRequestDone: () => {},
    onFailure: failure.resolve,
  })
  async function* lines() {
    yield '{"id":1}\n'
    throw new Error('the store is gone')
  }
  app.get('/export', async (_request, reply) => reply.type('application/x-ndjson').send(Readable.from(lines())))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(`${url}/export`)
    .then((answer) => answer.text())
    .catch(() => 'broken off')
  expect(response).toBe('broken off')
  expect(await failure.promise).toMatchObject({ message: 'the store is gone' })
  await app.close()
})
