import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { post, startTransport } from '../fixtures/receiver.ts'

test('as many connections stay as were in flight: nothing is opened again and again', async () => {
  const inFlight = 400
  let connections = 0
  let waiting: (() => void)[] = []
  // Answers when all have come, so that all are in flight at once.
  const server = createServer((request, response) => {
    request.resume()
    waiting.push(() => response.writeHead(204).end())
    if (waiting.length < inFlight) return
    for (const answer of waiting) answer()
    waiting = []
  })
  server.keepAliveTimeout = 60_000
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const transport = startTransport()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  for (let round = 0; round < 3; round++) {
    const results = await Promise.all(Array.from({ length: inFlight }, () => transport.send(post(url))))
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([204]))
  }
  expect(connections).toBe(inFlight)
  expect(transport.idleCount).toBe(inFlight)
})
