// Builds the pages (packages/dashboard) when their sources have changed since. Plain JavaScript for Node 20, as setup.mjs.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** What is not made smaller by it is not compressed: images and fonts are already. */
const compressed = new Set(['.html', '.js', '.css', '.json', '.svg', '.webmanifest'])
const leastBytes = 1_024

/** @param {string} root of the clone @returns {number} the exit code of the build; 0: there was nothing to do, too */
export function buildPages(root) {
  const directory = join(root, 'packages', 'dashboard')
  const output = join(directory, 'dist')
  if (!existsSync(join(directory, 'package.json'))) return 0
  const sources = sumOf(root, directory)
  const marker = join(root, 'node_modules', '.cache', 'tidings', 'built-pages')
  const isBuilt =
    existsSync(join(output, 'index.html')) && existsSync(marker) && readFileSync(marker, 'utf8') === sources
  if (isBuilt) return 0
  console.error('Tidings: building the pages (once per clone, and when they change) …')
  const own = join(root, 'node_modules', '.bin')
  const { status, error } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: directory,
    env: { ...process.env, PATH: `${own}${delimiter}${process.env.PATH}` },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (error || status !== 0) {
    const what = error ? `: ${error.message}` : ''
    console.error(`Tidings: the pages were not built${what}. Run \`npm run build -w packages/dashboard\` to see why.`)
    return status || 1
  }
  for (const name of filesIn(output)) compress(join(output, name))
  mkdirSync(dirname(marker), { recursive: true })
  writeFileSync(marker, sources)
  return 0
}

function sumOf(root, directory) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  const names = filesIn(directory).filter((name) => !/^(dist|node_modules)\b/.test(name) && !/\.test\.tsx?$/.test(name))
  for (const name of names.sort()) hash.update(`${name}\0`).update(readFileSync(join(directory, name)))
  return hash.digest('hex')
}

function filesIn(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length + 1))
}

function compress(file) {
  const bytes = readFileSync(file)
  if (!compressed.has(extname(file)) || bytes.length < leastBytes) return
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}
