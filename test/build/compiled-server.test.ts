import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const server = join(root, 'packages', 'server')
const bin = join(root, 'node_modules', '.bin')
const env = { PATH: `${bin}:${process.env.PATH}` }
/** Looks like the installed package: no `src`, and its dependencies are found above it. */
let installed: string

beforeAll(async () => {
  const cache = join(root, 'node_modules', '.cache', 'tidings')
  await mkdir(cache, { recursive: true })
  installed = await mkdtemp(join(cache, 'compiled-'))
  const dist = join(installed, 'dist')
  // Types are checked apart, and take most of the time.
  const project = ['-p', join(server, 'tsconfig.build.json'), '--outDir', dist, '--noCheck']
  await promisify(execFile)(join(bin, 'tsc'), project, { env })
  for (const name of ['bin', 'package.json']) await cp(join(server, name), join(installed, name), { recursive: true })
}, 120_000)

afterAll(() => rm(installed, { recursive: true, force: true }))

test('the compiled server publishes an event and stops when it is told to', async () => {
  const flags = ['--port', '0', '--data', join(installed, 'data'), '--admin-key', 'operator-key-for-tests']
  const child = spawn(join(installed, 'bin', 'tidings'), ['start', ...flags, '--log-level', 'error'], { env })
  const exited = once(child, 'exit')
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      const ready = /ready at (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1]
      if (ready) resolve(ready)
    })
    child.once('exit', () => reject(new Error(complaints)))
  })

  const published = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { authorization: 'Bearer operator-key-for-tests', 'content-type': 'application/json' },
    body: '{"tenantId":29302,"type":"invoice.updated","entityId":"3817"}',
  })
  expect(published.status).toBe(201)
  expect(await published.json()).toMatchObject({ events: [{ topic: 'invoices', duplicate: false }] })

  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})
