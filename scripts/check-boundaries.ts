import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { violationsOf } from './boundaries.ts'

const root = join(import.meta.dirname, '..', 'packages', 'server', 'src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const violations = files.flatMap((file) => violationsOf(file, readFileSync(join(root, file), 'utf8')))
for (const { file, imports, reason } of violations) console.error(`${file} imports ${imports}: ${reason}`)
console.log(`boundaries: ${files.length} files, ${violations.length} violations`)
process.exitCode = violations.length > 0 ? 1 : 0
