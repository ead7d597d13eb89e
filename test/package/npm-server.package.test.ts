import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { worksAsInstalled } from './installed.ts'
import { kinds, made } from './made.ts'
import type { Program } from './program.ts'

const exec = promisify(execFile)
let directory: string
let program: Program

/** In an empty directory, and without a registry: the package needs no other. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-npm-'))
  await writeFile(join(directory, 'package.json'), '{"name":"theirs","private":true}')
  const path = `${dirname(process.execPath)}:${process.env.PATH}`
  await exec('npm', ['install', '--offline', '--no-audit', '--no-fund', made(kinds.server)], {
    cwd: directory,
    env: { ...process.env, PATH: path },
  })
  await mkdir(join(directory, 'work'))
  const command = join(directory, 'node_modules', '.bin', 'tidings')
  program = { command, directory: join(directory, 'work'), environment: { PATH: path } }
}, 120_000)

afterAll(() => rm(directory, { recursive: true, force: true }))

worksAsInstalled(() => program)

test('it brings no other package, and the licences of what is in it', async () => {
  const installed = (await readdir(join(directory, 'node_modules'))).filter((name) => !name.startsWith('.'))
  expect(installed).toEqual(['tidings'])
  const licences = await readFile(join(directory, 'node_modules', 'tidings', 'LICENSES-OF-OTHERS'), 'utf8')
  const { dependencies } = JSON.parse(
    await readFile(new URL('../../packages/server/package.json', import.meta.url), 'utf8'),
  )
  for (const name of Object.keys(dependencies).filter((name) => name !== '@tidings/client')) {
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
  }
})
