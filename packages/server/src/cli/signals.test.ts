import { spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCommand } from './fixtures/cli.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tidings-signals-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const startArgs = (data: string) => ['start', '--port', '0', '--data', data, '--log-level', 'info', '--json']

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s drains: streams end, the exit code is 0', async (signal) => {
  const command = startCommand(startArgs(join(root, signal)))
  const { url, adminKey } = JSON.parse((await command.said('"url"')).stdout)
  const headers = { authorization: `Bearer ${adminKey}` }
  const stream = await fetch(`${url}/v1/stream?topics=invoices`, { headers })
  command.kill(signal)
  await stream.text()
  const { code, stderr } = await command.done
  expect(code).toBe(0)
  expect(stderr).toContain('"msg":"stopped"')
})

test('a second SIGHUP cuts nothing short: a terminal that closes brings two', async () => {
  const command = startCommand(startArgs(join(root, 'twice')))
  const { url, adminKey } = JSON.parse((await command.said('"url"')).stdout)
  // A request that is under way keeps the first one's drain waiting.
  const body = new TransformStream<Uint8Array, Uint8Array>()
  const writer = body.writable.getWriter()
  const request = fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/x-ndjson' },
    body: body.readable,
    duplex: 'half',
  } as RequestInit)
  await writer.write(Buffer.from('{"tenantId":1,"type":"invoice.updated","entityId":"1"}\n'))
  const response = await request
  command.kill('SIGHUP')
  command.kill('SIGHUP')
  await writer.close()
  expect(await response.text()).toContain('"offset"')
  expect((await command.done).code).toBe(0)
})

test.runIf(process.platform === 'linux')('a log that nobody takes any more holds up no stop', async () => {
  // Each write fails, as to the terminal of a session that is gone.
  const full = openSync('/dev/full', 'w')
  const binary = fileURLToPath(new URL('../../bin/tidings', import.meta.url))
  const env = { PATH: process.env.PATH, TIDINGS_ADMIN_KEY: 'operator-of-this-test' }
  const child = spawn(binary, startArgs(join(root, 'unheard')), { cwd: root, env, stdio: ['ignore', 'pipe', full] })
  const closed = once(child, 'close')
  let stdout = ''
  while (!stdout.includes('\n')) stdout += (await once(child.stdout!, 'data'))[0]
  expect((await fetch(`${JSON.parse(stdout).url}/readyz`)).status).toBe(200)
  child.kill('SIGHUP')
  expect((await closed)[0]).toBe(0)
  closeSync(full)
})

describe('SIGUSR1 opens no debugger', () => {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const binary = fileURLToPath(new URL('../../bin/tidings', import.meta.url))
  test.each([
    ['by the program of the package', binary, []],
    ['by Node itself', process.execPath, [main]],
  ])('started %s', async (_, program, before) => {
    const data = mkdtempSync(join(root, 'usr1-'))
    const child = spawn(program, [...before, ...startArgs(data)], { cwd: root, env: { PATH: process.env.PATH } })
    let stdout = ''
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    const closed = once(child, 'close')
    while (!stdout.includes('\n')) stdout += (await once(child.stdout, 'data'))[0]
    child.kill('SIGUSR1')
    const { url } = JSON.parse(stdout)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    child.kill('SIGTERM')
    expect((await closed)[0]).toBe(0)
    expect(stderr).not.toContain('Debugger')
  })
})

test('a signal while it starts ends it, and the store can be used at once', async () => {
  const data = mkdtempSync(join(root, 'starting-'))
  const watcher = watch(data)
  const command = startCommand(startArgs(data))
  // The engines' files are made: it is half-way.
  for await (const [, name] of on(watcher, 'change')) if (name === 'log.db') break
  command.kill('SIGTERM')
  const first = await command.done
  expect(first.code, first.stderr).toBe(0)
  const second = startCommand(startArgs(data))
  const { adminKey } = JSON.parse((await second.said('"url"')).stdout)
  // Shown by one of the two, and by that one alone.
  expect(first.stdout.includes('tid_admin_')).toBe(adminKey === null)
  second.kill('SIGTERM')
  expect((await second.done).code).toBe(0)
})
