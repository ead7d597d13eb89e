// Makes a fresh clone ready before `npm start` or `npm test`: installs what the lock file names
// when it has not been installed yet, or when the lock file has changed since. With `--pages` it also
// builds the pages that the server shows, when their sources have changed. Plain JavaScript
// for Node 20, because the project's own Node 24 only exists after the installation.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPages } from './pages.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const marker = join(root, 'node_modules', '.cache', 'tidings', 'installed-lock')
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

const isInstalled =
  existsSync(join(root, 'node_modules', 'node', 'bin', 'node')) &&
  existsSync(marker) &&
  readFileSync(marker, 'utf8') === lock

if (!isInstalled) {
  // What is there already is mended rather than removed first: something may be running from it.
  const command = existsSync(join(root, 'node_modules', 'node')) ? ['install', '--no-save'] : ['ci']
  console.error('Tidings: installing dependencies (once per clone, and when they change) …')
  const { status, error } = spawnSync('npm', [...command, '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (error || status !== 0) {
    const name = `npm ${command.join(' ')}`
    console.error(`Tidings: \`${name}\` failed${error ? `: ${error.message}` : ''}. Run it by hand to see why.`)
    process.exit(status ?? 1)
  }
  mkdirSync(dirname(marker), { recursive: true })
  writeFileSync(marker, lock)
}

if (process.argv.includes('--pages')) process.exitCode = buildPages(root)
