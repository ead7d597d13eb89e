import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

test('it starts with less than a second of the processor, and idles in less than 110 MB', async () => {
  const idle = { ...program, directory: await mkdtemp(join(directory, 'idle-')) }
  const server = await serve(idle)
  const stat = (await readFile(`/proc/${server.pid}/stat`, 'latin1')).replace(/^.*\) /s, '').split(' ')
  // In hundredths of a second: user and system, of all threads (proc_pid_stat(5)).
  const cpuSeconds = (Number(stat[11]) + Number(stat[12])) / 100
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
  // The whole process's, Node's own pages of the file included, in units of 1,048,576 bytes as `ps` and `top` show it.
  const residentMB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024
  await server.stop()
  expect(cpuSeconds).toBeLessThan(1)
  expect(residentMB).toBeLessThan(110)
})

test('options of Node in the environment do not stop it', async () => {
  expect(await run(program, ['--version'], { NODE_OPTIONS: '--max-old-space-size=512' })).toMatchObject({ code: 0 })
})
