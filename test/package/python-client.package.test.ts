import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'

const exec = promisify(execFile)
const source = fileURLToPath(new URL('../../python', import.meta.url))
const directory = await mkdtemp(join(tmpdir(), 'tidings-python-'))
const python = join(directory, 'tools', 'bin', 'python')

/** PyPI's tools, in an environment of their own. False: this machine has no Python with venv and pip, or reaches no registry. */
const hasTools =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0 &&
  spawnSync('python3', ['-m', 'venv', join(directory, 'tools')]).status === 0 &&
  spawnSync(python, ['-m', 'pip', 'install', '--quiet', 'build', 'pytest', 'mypy', 'hatchling', 'cryptography'], {
    timeout: 180_000,
  }).status === 0
if (!hasTools) {
  console.warn('python package: not built, because this machine has no Python 3.10 with venv and pip, or no registry')
}

afterAll(() => rm(directory, { recursive: true, force: true }))

describe.runIf(hasTools)('the Python package', () => {
  test('is built, installs alone, and has its types', { timeout: 240_000 }, async () => {
    const copy = join(directory, 'source')
    await cp(source, copy, { recursive: true })
    // The build's own requirements are in the environment already.
    await exec(python, ['-m', 'build', '--no-isolation', '--outdir', join(directory, 'built'), copy])
    const built = await readdir(join(directory, 'built'))
    expect(built.sort()).toEqual([
      expect.stringMatching(/^tidings_client-[\d.]+-py3-none-any\.whl$/),
      expect.stringMatching(/^tidings_client-[\d.]+\.tar\.gz$/),
    ])
    const clean = join(directory, 'clean')
    await exec('python3', ['-m', 'venv', clean])
    const own = join(clean, 'bin', 'python')
    await exec(own, ['-m', 'pip', 'install', '--quiet', '--no-index', join(directory, 'built', built.sort()[0]!)])
    const script =
      "import tidings_client as t, os; print(t.Tidings, os.path.exists(os.path.dirname(t.__file__) + '/py.typed'))"
    expect((await exec(own, ['-c', script], { cwd: directory })).stdout).toBe(
      "<class 'tidings_client.client.Tidings'> True\n",
    )
  })

  test('passes mypy, and pytest with cryptography', { timeout: 240_000 }, async () => {
    const options = { cwd: join(directory, 'source'), env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } }
    await cp(source, options.cwd, { recursive: true })
    const types = await exec(python, ['-m', 'mypy'], options).catch((error) => error)
    expect(types.stdout).toMatch(/^Success/)
    const tests = await exec(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], options).catch((error) => error)
    expect(tests.stdout).toMatch(/\d+ passed/)
    expect(tests.stdout).not.toMatch(/failed|error/)
  })
})
