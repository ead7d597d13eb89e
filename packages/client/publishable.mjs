// In the workspace the package's entry is its TypeScript source, so that nothing has to be built to
// work on it; what goes to npm is `dist`, with an entry of its own: `npm publish packages/client/dist`.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const {
  private: _private,
  scripts: _scripts,
  ...manifest
} = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const entry = { types: './index.d.ts', default: './index.js' }
writeFileSync(
  join(here, 'dist', 'package.json'),
  `${JSON.stringify({ ...manifest, exports: { '.': entry } }, null, 2)}\n`,
)
for (const name of ['README.md']) copyFileSync(join(here, name), join(here, 'dist', name))
