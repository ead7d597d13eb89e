import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { root } from './release.ts'

/** The licences of what a bundle holds of others, as they ask for: each with its text. */
export function licencesOf({ outputs }: Metafile): string {
  const packages = new Set<string>()
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
      if (folder !== undefined && bytesInOutput > 0) packages.add(folder)
    }
  }
  const parts = [...packages].map(licenceOf).sort()
  return `Tidings contains the following packages.\n\n${[...new Set(parts)].join(`\n${'-'.repeat(80)}\n\n`)}`
}

function licenceOf(folder: string): string {
  const directory = join(root, folder)
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const { name, version, license = 'see its text' } = manifest as Record<string, string>
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(directory, file), 'utf8').trim()}\n`
  return `${name} ${version}, ${license}\n${text}`
}

/** Node's own notice; the package that brings Node has none. */
export const nodeLicence = `Node.js ${process.version}, MIT; its libraries: https://github.com/nodejs/node/blob/${process.version}/LICENSE

Copyright Node.js contributors. All rights reserved.

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to
deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or
sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING
FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS
IN THE SOFTWARE.
`
