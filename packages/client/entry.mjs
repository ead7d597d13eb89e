// In the workspace the package's entries are its TypeScript source, so that nothing has to be built to work on it. In a
// tarball they are the built code. `npm pack` and `npm publish` call this before and after: `node entry.mjs built`.
import { readFileSync, writeFileSync } from 'node:fs'

const names = { '.': 'index', './node': 'node' }
const entryOf = {
  source: (name) => `./src/${name}.ts`,
  built: (name) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` }),
}[process.argv[2]]
const file = new URL('package.json', import.meta.url)
const manifest = JSON.parse(readFileSync(file, 'utf8'))
manifest.exports = Object.fromEntries(Object.entries(names).map(([path, name]) => [path, entryOf(name)]))
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
