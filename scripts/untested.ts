import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { excused, faultsOf, testedRooms, untestedOf } from './tested.ts'

// Lists the server's files that have no tests beside them. With `--check`, fails for those of the tested rooms alone.
const root = join(import.meta.dirname, '..', 'packages', 'server', 'src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const untested = untestedOf(sources)
const faults = faultsOf(sources)
if (!process.argv.includes('--check')) {
  for (const file of untested) console.log(excused[file] ? `${file} (${excused[file]})` : file)
}
for (const fault of faults) console.error(fault)
console.log(
  `tests: ${untested.length} files without tests beside them, ${faults.length} faults in ${testedRooms.length} rooms`,
)
process.exitCode = faults.length > 0 ? 1 : 0
