import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import {
  debianArchitecture,
  debianName,
  executableName,
  output,
  root,
  sourceTime,
  version,
  workDirectory,
} from './release.ts'

const packaging = join(root, 'packaging')

/** Where the files go on the machine, and their modes. */
const files: readonly { readonly from: string; readonly to: string; readonly mode: number }[] = [
  { from: join(output, executableName), to: 'usr/bin/tidings', mode: 0o755 },
  { from: join(packaging, 'tidings.service'), to: 'usr/lib/systemd/system/tidings.service', mode: 0o644 },
  { from: join(packaging, 'tidings.yaml'), to: 'etc/tidings/tidings.yaml', mode: 0o644 },
  { from: join(root, 'NOTICE'), to: 'usr/share/doc/tidings/NOTICE', mode: 0o644 },
]

/** The executable with its unit, user, data directory and configuration, for Debian and what descends from it. */
export function packDebian(licences: string): void {
  const tree = workDirectory('debian')
  const put = (path: string, mode: number, write: (file: string) => void) => {
    const file = join(tree, path)
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
    write(file)
    execFileSync('chmod', [mode.toString(8), file])
  }
  for (const { from, to, mode } of files) put(to, mode, (file) => copyFileSync(from, file))
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8')
  put('usr/share/doc/tidings/copyright', 0o644, (file) => writeFileSync(file, `${licence}\n${licences}`))

  const contents = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const md5 = (file: string) => createHash('md5').update(readFileSync(file)).digest('hex')
  const sums = contents.map((file) => `${md5(file)}  ${relative(tree, file)}\n`).join('')
  const size = contents.reduce((sum, file) => sum + Math.ceil(statSync(file).size / 1_024), 0)
  put('DEBIAN/md5sums', 0o644, (file) => writeFileSync(file, sums))
  put('DEBIAN/conffiles', 0o644, (file) => writeFileSync(file, '/etc/tidings/tidings.yaml\n'))
  put('DEBIAN/control', 0o644, (file) => writeFileSync(file, control(size)))
  for (const name of ['postinst', 'prerm', 'postrm']) {
    put(`DEBIAN/${name}`, 0o755, (file) => copyFileSync(join(packaging, 'debian', name), file))
  }
  // xz of the lowest level: a quarter of the time of the usual one, and a tenth more bytes.
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, join(output, debianName)], {
    env: { ...process.env, SOURCE_DATE_EPOCH: sourceTime() },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** The versions of the libraries are those that Node's own program asks for (GLIBC_2.28, GLIBCXX_3.4.21). */
function control(installedKiB: number): string {
  return `Package: tidings
Version: ${version}
Architecture: ${debianArchitecture}
Maintainer: The Tidings authors <tidings@tidings.invalid>
Installed-Size: ${installedKiB}
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 5), passwd
Recommends: ca-certificates
Section: net
Priority: optional
Description: tell other systems what changed
 Tidings takes each change of a business application once, keeps it in an
 ordered log, and delivers it by webhooks, streams and a feed.
`
}
