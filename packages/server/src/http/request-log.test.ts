import { expect, test } from 'vitest'
import { createApp } from './app.ts'
import { RequestLog } from './request-log.ts'

test('a request is one line and one count, by its route; a failure has its cause', async () => {
  const lines: object[] = []
  const counts: unknown[] = []
  const log = new RequestLog(
    {
      info: (facts, message) => void lines.push({ ...facts, message }),
      error: (facts, message) => void lines.push({ ...facts, message }),
    },
    { requested: (route, method, status) => void counts.push([route, method, status]) },
  )
  const app = createApp({
    trustProxies: [],
    guard: { authenticate: () => ({ kind: 'operator' }) },
    onRequestDone: (request, reply) => log.done(request, reply),
    onFailure: (error, request) => log.failed(error, request.id),
  })
  const cause = new Error('a bug')
  app.get('/v1/things/:id', { config: { callers: ['operator'] } }, async ({ params }) => {
    if ((params as { id: string }).id === '2') throw cause
    return {}
  })
  await app.inject('/v1/things/1')
  await app.inject('/v1/things/2')
  await app.close()
  expect(counts).toEqual([
    ['/v1/things/:id', 'GET', 200],
    ['/v1/things/:id', 'GET', 500],
  ])
  expect(lines).toMatchObject([
    { message: 'request', route: '/v1/things/:id', status: 200, caller: 'operator' },
    { message: 'a request failed', err: cause },
    { message: 'request', status: 500 },
  ])
})
