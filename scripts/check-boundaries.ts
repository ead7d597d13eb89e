import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mutualImports, violationsOf } from './boundaries.ts'

const root = join(import.meta.dirname, '..', 'packages', 'server', 'src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const violations = [...sources].flatMap(([file, source]) => violationsOf(file, source))
const pairs = mutualImports(sources)
for (const { file, imports, reason } of violations) console.error(`${file} imports ${imports}: ${reason}`)
for (const pair of pairs) console.error(`${pair}: folders may not import each other; move what both need to a third`)
console.log(
  `boundaries: ${files.length} files, ${violations.length} violations, ${pairs.length} pairs that import each other`,
)
process.exitCode = violations.length + pairs.length > 0 ? 1 : 0
