import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const modules = join(root, 'node_modules')
const env = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH}` }

/** Every Node of this machine that the package is for: the project's own, and those that the path leads to. */
const nodes = await Promise.all(
  [...new Set([process.execPath, ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'))])]
    .filter((file) => existsSync(file))
    .map(async (file) => ({ file: realpathSync(file), version: (await run(file, ['--version'])).stdout.trim() })),
)
const versions = [...new Map(nodes.map(({ file, version }) => [version, file]))].filter(
  ([version]) => Number(/^v(\d+)/.exec(version)?.[1]) >= 20,
)

let directory: string
let installed: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-client-'))
  // Packed from a copy: packing changes the entry of the package, which other tests import meanwhile.
  const copy = join(directory, 'workspace')
  const client = join(copy, 'packages', 'client')
  await mkdir(client, { recursive: true })
  for (const name of ['tsconfig.json', 'LICENSE', 'NOTICE']) await cp(join(root, name), join(copy, name))
  for (const name of ['src', 'package.json', 'entry.mjs', 'tsconfig.build.json', 'README.md']) {
    await cp(join(root, 'packages', 'client', name), join(client, name), { recursive: true })
  }
  await symlink(modules, join(copy, 'node_modules'))
  await run('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: client, env })
  const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz'))!
  installed = join(directory, 'installed')
  await mkdir(installed)
  await writeFile(join(installed, 'package.json'), '{"name":"theirs","type":"module"}')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(directory, tarball)], {
    cwd: installed,
    env,
  })
  // Packing leaves the workspace as it was.
  const [before, after] = [join(root, 'packages', 'client', 'package.json'), join(client, 'package.json')]
  expect((await run('diff', [before, after])).stdout).toBe('')
}, 240_000)

afterAll(() => rm(directory, { recursive: true, force: true }))

test('the tarball holds the built code, its types, and no source or test', async () => {
  const files = await readdir(join(installed, 'node_modules', '@tidings', 'client'), { recursive: true })
  expect(files.filter((name) => !name.startsWith('dist'))).toEqual(
    expect.arrayContaining(['LICENSE', 'NOTICE', 'README.md', 'package.json']),
  )
  expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts']))
  expect(files.filter((name) => /src|\.test\.|fixture/.test(name))).toEqual([])
})

const use = `
  const tidings = new Tidings({ url: 'http://127.0.0.1:1', maxAttempts: 1 })
  tidings.topics().catch((error) => console.log(error instanceof UnreachableError, error.code, typeof verifyWebhook))
`

describe.each(versions)('in Node %s', (_, node) => {
  test('it is imported', async () => {
    const script = `import { Tidings, UnreachableError, verifyWebhook } from '@tidings/client'\n${use}`
    await writeFile(join(installed, 'imports.js'), script)
    expect((await run(node, ['imports.js'], { cwd: installed })).stdout).toBe('true unreachable function\n')
  })

  test('what only Node has is imported from an entry of its own', async () => {
    const script = `
      import { FileCheckpointStore } from '@tidings/client/node'
      const store = new FileCheckpointStore('kept')
      await store.save('books', 'o1')
      console.log(await store.load('books'))
    `
    await writeFile(join(installed, 'node.js'), script)
    expect((await run(node, ['node.js'], { cwd: installed })).stdout).toBe('o1\n')
  })

  test('it is required by CommonJS', async () => {
    const script = `const { Tidings, UnreachableError, verifyWebhook } = require('@tidings/client')\n${use}`
    await writeFile(join(installed, 'requires.cjs'), script)
    const required = run(node, ['requires.cjs'], { cwd: installed })
    const { can } = JSON.parse(
      (await run(node, ['-p', 'JSON.stringify({ can: process.features.require_module === true })'])).stdout,
    )
    if (can) expect((await required).stdout).toBe('true unreachable function\n')
    else await expect(required).rejects.toThrow('ERR_REQUIRE_ESM')
  })
})

test('its types are found, and are whole', async () => {
  const script = `
    import { RefusedLineError, Tidings, type PublishResult } from '@tidings/client'
    const tidings = new Tidings({ url: 'http://127.0.0.1:1' })
    export async function publish(): Promise<readonly string[]> {
      const lines: PublishResult[] = []
      for await (const result of tidings.publishStream(['{}'])) lines.push(result)
      // @ts-expect-error a tenant's id is no object
      await tidings.publish({ tenantId: {}, type: 'invoice.updated' })
      return lines.map((line) => (line.ok ? line.event.offset : (line.error satisfies RefusedLineError).message))
    }
  `
  await writeFile(join(installed, 'typed.ts'), script)
  const flags = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--lib',
    'es2022,dom,dom.iterable',
  ]
  const checked = await run(join(modules, '.bin', 'tsc'), [...flags, '--types', '', 'typed.ts'], {
    cwd: installed,
    env,
  }).catch((error) => error)
  expect(checked.stdout).toBe('')
}, 60_000)
