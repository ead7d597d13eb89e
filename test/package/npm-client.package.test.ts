import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { kinds, made } from './made.ts'

const exec = promisify(execFile)

test('the client alone installs without a registry, and loads', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-client-'))
  try {
    await writeFile(join(directory, 'package.json'), '{"name":"theirs","private":true,"type":"module"}')
    const flags = ['--offline', '--no-audit', '--no-fund']
    await exec('npm', ['install', ...flags, made(kinds.client)], { cwd: directory })
    const script =
      "import { Tidings, verifyWebhook } from '@tidings/client'; console.log(typeof Tidings, typeof verifyWebhook)"
    await writeFile(join(directory, 'use.js'), script)
    expect((await exec(process.execPath, ['use.js'], { cwd: directory })).stdout).toBe('function function\n')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}, 120_000)
