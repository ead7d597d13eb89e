/**
 * `npm run package`: makes in `dist/` what Tidings is installed from: two npm packages, an executable with Node in it,
 * a Debian package of that, and their checksums. docs/guides/installing.md says what each is for.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { packDebian } from './debian-package.ts'
import { packExecutable } from './executable.ts'
import { packClient, packServer } from './npm-packages.ts'
import { debianArchitecture, output } from './release.ts'

rmSync(output, { recursive: true, force: true })
mkdirSync(output, { recursive: true })
await packServer()
packClient()
if (process.platform === 'linux' && debianArchitecture !== undefined) {
  const licences = await packExecutable()
  if (hasProgram('dpkg-deb')) packDebian(licences)
  else
    console.log('There is no dpkg-deb here, so there is no Debian package. It comes with Debian and its descendants.')
} else console.log('The executable and the Debian package are made on Linux, on x64 and arm64.')

const sums = readdirSync(output)
  .sort()
  .map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(output, name)))
        .digest('hex')}  ${name}\n`,
  )
writeFileSync(join(output, 'SHA256SUMS'), sums.join(''))
for (const name of readdirSync(output)) {
  console.log(`dist/${name}  ${(statSync(join(output, name)).size / 1_000_000).toFixed(1)} MB`)
}

function hasProgram(name: string): boolean {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() ?? false)
}
