// In the workspace the package's entry is its TypeScript source, so that nothing has to be built to work on it. In a
// tarball the entry is the built code. `npm pack` and `npm publish` call this before and after: `node entry.mjs built`.
import { readFileSync, writeFileSync } from 'node:fs'

const entries = {
  source: './src/index.ts',
  built: { types: './dist/index.d.ts', default: './dist/index.js' },
}
const file = new URL('package.json', import.meta.url)
const manifest = JSON.parse(readFileSync(file, 'utf8'))
manifest.exports = { '.': entries[process.argv[2]] }
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
