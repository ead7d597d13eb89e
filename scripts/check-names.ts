import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameFaults, repeatedFiles, repeatedTypes, sharedFiles, sharedNames } from './names.ts'

const root = join(import.meta.dirname, '..', 'packages', 'server', 'src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const types = repeatedTypes(new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')])))
const faults = [
  ...nameFaults(types, sharedNames, 'sharedNames'),
  ...nameFaults(repeatedFiles(files), sharedFiles, 'sharedFiles'),
]
for (const fault of faults) console.error(fault)
console.log(`names: ${types.length} types with a name that another has, ${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0
