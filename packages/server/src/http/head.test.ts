import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { routedAsGet, takeHead } from './head.ts'

const app = Fastify({
  exposeHeadRoutes: false,
  rewriteUrl: (request) => {
    routedAsGet(request as never)
    return request.url!
  },
})
takeHead(app)
app.get('/things', async ({ isHead, method }) => `${method} ${isHead}`)
app.post('/things', async ({ isHead }) => `POST ${isHead}`)

test('HEAD is routed as the GET that it stands for, and the route knows', async () => {
  const lengthOf = async (method: 'GET' | 'HEAD') =>
    (await app.inject({ method, url: '/things' })).headers['content-length']
  expect((await app.inject('/things')).body).toBe('GET false')
  expect(await lengthOf('HEAD')).toBe(String('GET true'.length))
  expect((await app.inject({ method: 'POST', url: '/things' })).body).toBe('POST false')
})
