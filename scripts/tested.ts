import { stripTypeScriptTypes } from 'node:module'
import { dirname } from 'node:path/posix'

/** Folders of the server in which every file with code has its tests beside it: `x.test.ts` beside `x.ts`. */
export const testedRooms: readonly string[] = [
  'authorities',
  'catalogue',
  'deliver',
  'deliver/entities',
  'deliver/turns',
  'explain',
  'follow',
  'http',
  'log',
  'match',
  'observe',
  'publish',
  'registry',
  'registry/dialects',
]

/** Files of these folders that have none, and why none is needed. */
export const excused: Readonly<Record<string, string>> = {}

/** What is no subject of tests: tests themselves, and what only they use. */
const forTests = /\.test\.ts$|(^|\/)fixtures\/|(^|\/)(conformance|samples)(\.ts$|\/)/

/** Whether a file only declares types, so that there is nothing to run. */
export function isTypesAlone(source: string): boolean {
  const code = stripTypeScriptTypes(source)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/^\s*(?:import|export)\s*(?:\{[^}]*\}\s*from\s*)?'[^']*'$/gm, '')
    .replaceAll(/^\s*export\s*\{\s*\}/gm, '')
  return code.trim() === ''
}

/** Files with code and without tests beside them. @param sources by path below `packages/server/src` */
export function untestedOf(sources: ReadonlyMap<string, string>): string[] {
  return [...sources]
    .filter(([file]) => !forTests.test(file) && !sources.has(file.replace(/\.ts$/, '.test.ts')))
    .filter(([, source]) => !isTypesAlone(source))
    .map(([file]) => file)
    .sort()
}

/** What `npm run check` refuses: files of the tested rooms without tests, and excuses that nothing needs any more. */
export function faultsOf(
  sources: ReadonlyMap<string, string>,
  rooms: readonly string[] = testedRooms,
  excuses: Readonly<Record<string, string>> = excused,
): string[] {
  const untested = untestedOf(sources).filter((file) => rooms.includes(dirname(file)))
  const missing = untested.filter((file) => !Object.hasOwn(excuses, file))
  const needless = Object.keys(excuses).filter((file) => !untested.includes(file))
  return [
    ...missing.map((file) => `${file} has no tests beside it: write ${file.replace(/\.ts$/, '.test.ts')}`),
    ...needless.map((file) => `${file} needs no excuse any more: take it out of scripts/tested.ts`),
  ]
}
