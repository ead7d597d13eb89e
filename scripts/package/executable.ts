import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { bundleScripts } from './bundle.ts'
import { licencesOf, nodeLicence } from './licences.ts'
import { pageAssets } from './pages.ts'
import { executableName, output, root, workDirectory } from './release.ts'

const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js')
/** In Node's program, next to it stands whether there is an application within (Node's documentation of them). */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Those of the script that starts Tidings elsewhere, which says why. */
function nodeFlags(): string[] {
  const launcher = readFileSync(join(root, 'packages', 'server', 'bin', 'tidings'), 'utf8')
  return /^flags='(.*)'$/m.exec(launcher)![1]!.split(' ')
}

/** Node and the application in one file. Returns the licences of what is in it. */
export async function packExecutable(): Promise<string> {
  const directory = workDirectory('executable')
  const { main, sourceMap, threads, metafile } = await bundleScripts(directory)
  const flags = nodeFlags()
  const blob = join(directory, 'blob')
  const configuration = {
    main,
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    execArgv: flags,
    assets: { ...threads, ...pageAssets() },
  }
  writeFileSync(join(directory, 'configuration.json'), JSON.stringify(configuration))
  // With the same flags, or the code that is compiled here would be refused there.
  node([...flags, '--experimental-sea-config', join(directory, 'configuration.json')])
  const file = join(directory, executableName)
  copyFileSync(process.execPath, file)
  chmodSync(file, 0o755)
  node([postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse])
  // Copied, not moved: a file that was written in one piece is kept by Linux in large pieces of memory, all of
  // which count as the process's when it touches a byte of one (16 MB more).
  copyFileSync(file, join(output, executableName))
  copyFileSync(sourceMap, join(output, `${executableName}.map`))
  return `${licencesOf(metafile)}\n${'-'.repeat(80)}\n\n${nodeLicence}`
}

/** What it says is shown when it fails: both steps warn of what does no harm. */
function node(args: readonly string[]): void {
  execFileSync(process.execPath, args, { stdio: 'pipe' })
}
