import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../packages/server/src/compose.ts'
import { readConfig } from '../../packages/server/src/config/config.ts'
import { webhookHeaders } from '../../packages/server/src/core/dialect/signature.ts'
import { hasPython, pythonEnv } from '../client/python.ts'

/** The examples of the clients' pages, `<!-- run: NAME -->`, each run as a program of its own against a server. */

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = [
  'packages/client/README.md',
  'python/README.md',
  'docs/guides/publishing-with-the-client.md',
  'docs/guides/reading-with-a-checkpoint.md',
  'docs/guides/receiving-with-the-client.md',
]
const examples = new Map<string, string>()
for (const page of pages) {
  const text = await readFile(join(root, page), 'utf8')
  for (const [, name, code] of text.matchAll(/^<!-- run: (\S+) -->\n+```\w+\n([\s\S]*?)^```$/gm))
    examples.set(name!, code!)
}

const adminKey = 'operator-of-the-examples'
const signingSecret = `whsec_${Buffer.alloc(32, 'example').toString('base64')}`

let server: RunningServer
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-examples-'))
  // As after `npm install`.
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await mkdir(join(directory, 'node_modules', '@tidings'), { recursive: true })
  await symlink(join(root, 'packages', 'client'), join(directory, 'node_modules', '@tidings', 'client'))
  await symlink(join(root, 'node_modules', '@types'), join(directory, 'node_modules', '@types'))
  const flags = { port: '0', data: join(directory, 'data'), adminKey, logLevel: 'silent' }
  server = await startServer(readConfig({ flags, env: {} }))
  await operate('/v1/tenants', { id: 29302, name: 'Bygg AB' })
  await operate('/v1/events', { tenantId: 29302, type: 'invoice.updated', entityId: '3817', id: 'inv-3817-v12' })
})
afterAll(async () => {
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

async function operate(path: string, body?: object) {
  const response = await fetch(`${server.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${adminKey}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

interface Program {
  said(): string
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
  kill(): Promise<void>
}

async function begin(name: string, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const folder = await mkdtemp(join(directory, 'example-'))
  await writeFile(join(folder, name), examples.get(name)!)
  const command = name.endsWith('.py') ? 'python3' : process.execPath
  const child = spawn(command, [name], {
    cwd: folder,
    env: { ...pythonEnv, NODE_NO_WARNINGS: '1', TIDINGS_URL: server.url, TIDINGS_KEY: adminKey, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    said: () => said,
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Of programs that come to an end: what they say. */
const ending: Readonly<Record<string, RegExp>> = {
  'readme-publish.ts': /^published at \S+\nline 2: \/type .*\n$/,
  'readme-why.ts': /^\d+ deliveries\n$/,
  'readme-background.ts': /^[0-9a-f-]{36} is at \S+\n$/,
  'publishing.ts': /^everything is published\n$/,
  'readme_publish.py': /^published at \S+\n$/,
  'readme_background.py': /^[0-9a-f-]{36} is at \S+\n$/,
  'publishing.py': /^everything is published\n$/,
}

/** Of programs that read for ever: what they say of the first event. */
const reading: Readonly<Record<string, string>> = {
  'readme-read.ts': 'invoice.updated 3817',
  'reading.ts': 'handled inv-3817-v12',
  'reading-once.ts': 'handled inv-3817-v12',
  'readme_read.py': 'invoice.updated 3817',
  'readme_asyncio.py': 'invoice.updated 3817',
  'reading.py': 'handled inv-3817-v12',
}

const receiving = ['readme-receive.ts', 'receiving.mjs', 'readme_receive.py']

const runs = (names: readonly string[]) => names.filter((name) => hasPython || !name.endsWith('.py'))

test('every example is run', () => {
  const known = [...Object.keys(ending), ...Object.keys(reading), ...receiving, 'readme-stream.ts']
  expect([...examples.keys()].sort()).toEqual(known.sort())
})

test.each(runs(Object.keys(ending)))('%s does what it says and ends', async (name) => {
  const program = await begin(name)
  expect({ code: await program.ended, said: program.said() }).toEqual({
    code: 0,
    said: expect.stringMatching(ending[name]!),
  })
})

test.each(runs(Object.keys(reading)))('%s reads from the beginning', async (name) => {
  const program = await begin(name)
  await expect.poll(program.said).toContain(reading[name])
  await program.kill()
})

test('readme-stream.ts tells what happens from now on', async () => {
  const program = await begin('readme-stream.ts')
  await expect.poll(program.said).toContain('connected')
  await operate('/v1/events', { tenantId: 29302, type: 'customer.created', entityId: '4711' })
  await expect.poll(program.said).toContain('customer.created 4711')
  await program.kill()
})

describe.each(runs(receiving))('%s', (name) => {
  test('takes what is genuine, once, and refuses everything else', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    await once(probe, 'close')
    const program = await begin(name, { PORT: String(port), TIDINGS_SIGNING_SECRET: signingSecret })
    const post = async (body: string, headers: Record<string, string>) =>
      (await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', headers, body })).status
    await expect.poll(() => post('{}', {}).catch(() => program.said())).toBe(400)
    const body = '{"type":"invoice.updated","id":"e1","tenantId":29302,"data":{"name":"Åse"}}'
    const secrets = [{ algorithm: 'hmac-sha256' as const, secret: signingSecret }]
    const headers = Object.fromEntries(webhookHeaders(secrets, 'dlv_1', Date.now(), body))
    expect(await post(`${body} `, headers)).toBe(400)
    expect([await post(body, headers), await post(body, headers)]).toEqual([204, 204])
    await expect.poll(program.said).toBe(`handled dlv_1 ${body}\n`)
    await program.kill()
  })
})

test('the TypeScript of the examples is sound', async () => {
  const folder = await mkdtemp(join(directory, 'typed-'))
  for (const [name, code] of examples) if (name.endsWith('.ts')) await writeFile(join(folder, name), code)
  const project = { extends: join(root, 'tsconfig.json'), include: ['*.ts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project))
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  const checked = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch((error) => error)
  expect(checked.stdout).toBe('')
})
