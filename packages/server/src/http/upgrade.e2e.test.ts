import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'

const data = mkdtempSync(join(tmpdir(), 'tidings-upgrade-'))
let server: RunningServer

beforeAll(async () => {
  const flags = { port: '0', data, adminKey: 'an-operator-key-for-tests', logLevel: 'silent' }
  server = await startServer(readConfig({ flags, env: {} }))
})

afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true, force: true })
})

async function statusOf(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const outgoing = request(`${server.url}${path}`, { headers })
  outgoing.end()
  const [response] = await once(outgoing, 'response')
  response.resume()
  return response.statusCode
}

it('an offer of HTTP/2 is declined by answering over HTTP/1.1', async () => {
  const headers = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
  }
  expect(await statusOf('/livez', headers)).toBe(200)
})

it('a WebSocket upgrade of another path is not found', async () => {
  expect(await statusOf('/livez', { connection: 'Upgrade', upgrade: 'websocket' })).toBe(404)
})
