import { Readable } from 'node:stream'
import { expect, onTestFinished, test, vi } from 'vitest'
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

test('a body has thirty seconds to arrive, however steadily it drips', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const app = createApp({
    trustProxies: [],
    guard: { authenticate: () => ({ kind: 'operator' }) },
    onRequestDone: () => {},
    onFailure: () => {},
  })
  app.post('/slow', async () => 'all of it')
  const post = (payload: Readable) =>
    app.inject({ method: 'POST', url: '/slow', headers: { 'content-type': 'application/json' }, payload })
  const drip = new Readable({ read() {} })
  const answer = post(drip)
  for (let second = 0; second < 29; second++) {
    drip.push(' ')
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(await Promise.race([answer, 'waiting'])).toBe('waiting')
  await vi.advanceTimersByTimeAsync(1_000)
  expect((await answer).statusCode).toBe(408)
  expect((await answer).headers.connection).toBe('close')

  const whole = new Readable({ read() {} })
  const inTime = post(whole)
  await vi.advanceTimersByTimeAsync(29_000)
  whole.push('{}')
  whole.push(null)
  expect((await inTime).body).toBe('all of it')
  await app.close()
})
