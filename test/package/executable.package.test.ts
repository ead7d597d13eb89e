import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bareStarts, leastOf, tidingsStart } from '../../bench/start.ts'
import { worksAsInstalled } from './installed.ts'
import { kinds, made } from './made.ts'
import { type Program, run, serve } from './program.ts'

let directory: string
let program: Program

/** Alone in an empty directory, with no path and no environment: no Node, no library and no shell can help it. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-executable-'))
  const command = join(directory, 'tidings')
  await copyFile(made(kinds.executable), command)
  await mkdir(join(directory, 'work'))
  program = { command, directory: join(directory, 'work'), environment: { PATH: '' } }
})

afterAll(() => rm(directory, { recursive: true, force: true }))

worksAsInstalled(() => program)

test('it starts with less than seven times the processor time of a bare Fastify server', async () => {
  // That is a second where the latter needs 0.14 s. Seconds alone would depend on the machine. It was eighteen times.
  const bare = await leastOf(bareStarts.fastify, 0)
  const own = await leastOf(tidingsStart('the executable', program.command), 0)
  expect(own.cpuSeconds).toBeLessThan(7 * bare.cpuSeconds!)
})

test('it idles in less than 64 MB of its own', async () => {
  const server = await serve({ ...program, directory: await mkdtemp(join(directory, 'idle-')) })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
  await server.stop()
  // In units of 1,048,576 bytes. What Linux keeps mapped of the file beside it, some 55 to 60 of them, goes by how the
  // file lies in its cache and differs from start to start.
  expect(Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1]) / 1_024).toBeLessThan(64)
})

test('options of Node in the environment do not stop it', async () => {
  expect(await run(program, ['--version'], { NODE_OPTIONS: '--max-old-space-size=512' })).toMatchObject({ code: 0 })
})
