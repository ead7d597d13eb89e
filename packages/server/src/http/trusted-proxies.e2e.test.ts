import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'

const adminKey = 'operator-of-the-proxies-test'
const data = mkdtempSync(join(tmpdir(), 'tidings-proxies-'))
let server: RunningServer

beforeAll(async () => {
  const flags = { port: '0', data, adminKey, logLevel: 'silent', trustProxies: '127.0.0.0/8', streamsPerAddress: '1' }
  server = await startServer(readConfig({ flags, env: {} }))
})
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true, force: true })
})

/** The status of the answer to a handshake. */
async function handshake(client: string): Promise<number> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/topics-v1`, {
    headers: { 'x-forwarded-for': client },
  })
  const answered = Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number),
  ])
  const status = await answered
  if (status !== 101) socket.on('error', () => {}).terminate()
  return status
}

async function stream(client: string): Promise<number> {
  const headers = { authorization: `Bearer ${adminKey}`, 'x-forwarded-for': client }
  return (await fetch(`${server.url}/v1/stream`, { headers })).status
}

test('behind a trusted proxy every client has its own limits, on each way', async () => {
  expect([await handshake('203.0.113.1'), await handshake('203.0.113.2')]).toEqual([101, 101])
  expect(await handshake('203.0.113.1')).toBe(429)
  expect([await stream('2001:db8::1'), await stream('2001:db8:0:1::1')]).toEqual([200, 200])
  expect(await stream('2001:db8::2')).toBe(429)
})

test('a proxy that cannot be read refuses the start by name', () => {
  expect(() => readConfig({ flags: { trustProxies: 'loopback' }, env: {} })).toThrow(/CIDR/)
})
