import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { worksAsInstalled } from './installed.ts'
import { kinds, made } from './made.ts'
import type { Program } from './program.ts'

const exec = promisify(execFile)
const root = new URL('../../', import.meta.url)

const hasDpkg = (() => {
  try {
    execFileSync('dpkg-deb', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
if (!hasDpkg) {
  const reason = 'There is no dpkg-deb here, so nothing is known about the Debian package.'
  if (process.env.CI) throw new Error(reason)
  console.warn(reason)
}

describe.skipIf(!hasDpkg)('the Debian package', () => {
  let directory: string
  let program: Program
  const inTree = (path: string) => join(directory, 'tree', path)

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidings-debian-'))
    await exec('dpkg-deb', ['--raw-extract', made(kinds.debian), join(directory, 'tree')])
    await mkdir(join(directory, 'work'))
    program = { command: inTree('usr/bin/tidings'), directory: join(directory, 'work'), environment: { PATH: '' } }
  }, 120_000)

  afterAll(() => rm(directory, { recursive: true, force: true }))

  worksAsInstalled(() => program)

  test('its files belong to root, and nobody else may write them', async () => {
    const { stdout } = await exec('dpkg-deb', ['--contents', made(kinds.debian)])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => !/^[d-]r[w-][x-]r-[x-]r-[x-] root\/root /.test(line))).toEqual([])
    const files = lines.filter((line) => line.startsWith('-')).map((line) => line.replace(/^.* \.\//, '/'))
    expect(files.sort()).toEqual([
      '/etc/tidings/tidings.yaml',
      '/usr/bin/tidings',
      '/usr/lib/systemd/system/tidings.service',
      '/usr/share/doc/tidings/NOTICE',
      '/usr/share/doc/tidings/copyright',
    ])
  })

  test('it says what it is and needs, and keeps the settings of the operator', async () => {
    const { stdout } = await exec('dpkg-deb', ['--info', made(kinds.debian)])
    expect(stdout).toMatch(/^ Package: tidings$/m)
    expect(stdout).toMatch(/^ Depends: .*libc6 \(>= 2\.28\).*libstdc\+\+6/m)
    expect(await readFile(inTree('DEBIAN/conffiles'), 'utf8')).toBe('/etc/tidings/tidings.yaml\n')
    await exec('md5sum', ['--check', '--quiet', 'DEBIAN/md5sums'], { cwd: inTree('') })
  })

  test('its scripts are sound shell, and make the user and the directory that the unit names', async () => {
    for (const name of ['postinst', 'prerm', 'postrm']) await exec('/bin/sh', ['-n', inTree(`DEBIAN/${name}`)])
    const unit = await readFile(inTree('usr/lib/systemd/system/tidings.service'), 'utf8')
    const [, user] = /^User=(.+)$/m.exec(unit)!
    const [, data] = /^Environment=TIDINGS_DATA=(.+)$/m.exec(unit)!
    const postinst = await readFile(inTree('DEBIAN/postinst'), 'utf8')
    expect(postinst).toMatch(new RegExp(`useradd .* ${user}$`, 'm'))
    expect(postinst).toContain(`install -d -o ${user} -g ${user} -m 0700 ${data}`)
    expect(unit).toMatch(/^ExecStart=\/usr\/bin\/tidings start --config \/etc\/tidings\/tidings\.yaml$/m)
  })

  test('the server takes the file of settings that comes with it', async () => {
    const config = inTree('etc/tidings/tidings.yaml')
    const { stdout } = await exec(program.command, ['doctor', '--config', config, '--data', 'fresh'], {
      cwd: program.directory,
      env: { PATH: '' },
    }).catch((error) => error)
    expect(stdout).toMatch(/ok.*configuration/i)
  })

  test('docs/operation.md shows the unit as it is', async () => {
    const shown = /```ini\n# \/usr\/lib\/systemd\/system\/tidings\.service\n([\s\S]*?)```/
    const page = await readFile(new URL('docs/operation.md', root), 'utf8')
    expect(shown.exec(page)?.[1]).toBe(await readFile(new URL('packaging/tidings.service', root), 'utf8'))
  })
})
