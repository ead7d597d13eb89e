import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthorityFetch } from './authority-fetch.ts'

async function answeredBy(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const fetch = createAuthorityFetch()
  onTestFinished(async () => {
    await fetch.close()
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { ask: (rest: object = {}) => fetch.ask({ method: 'GET', url, headers: {}, timeoutMs: 10_000, ...rest }) }
}
const saying = (status: number, body: string) =>
  answeredBy((_request, response) => response.writeHead(status).end(body))

test('an answer is JSON with every digit of its numbers', async () => {
  const { ask } = await saying(200, '{"tenant_id":116015326147118083}')
  expect(await ask()).toEqual({ kind: 'json', value: { tenant_id: 116015326147118083n } })
})

test('a question is asked as it is given', async () => {
  const { ask } = await answeredBy((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      response.end(JSON.stringify([request.method, request.headers['x-asked'], Buffer.concat(chunks).toString()]))
    })
  })
  const question = { method: 'POST', headers: { 'x-asked': 'yes' }, body: 'token=abc' }
  expect(await ask(question)).toEqual({ kind: 'json', value: ['POST', 'yes', 'token=abc'] })
})

test.each([
  ['a status other than 200', 404, '{}', 'http_404'],
  ['what is no JSON', 200, '<html>', 'invalid_json'],
  ['a name that is there twice', 200, '{"active":true,"active":false}', 'invalid_json'],
])('%s says nothing of a token', async (_, status, body, reason) => {
  const { ask } = await saying(status, body)
  expect(await ask()).toEqual({ kind: 'unavailable', reason })
})

test('an answer that is larger than any set of keys is not read to its end', async () => {
  const { ask } = await saying(200, `"${'x'.repeat(300 * 1024)}"`)
  expect((await ask()).kind).toBe('unavailable')
})

test('an authority that breaks off or is not there is unavailable, and nothing is thrown', async () => {
  const broken = await answeredBy((request) => request.socket.destroy())
  expect((await broken.ask()).kind).toBe('unavailable')
  expect((await broken.ask({ url: 'http://127.0.0.1:9/' })).kind).toBe('unavailable')
})
