import { isInjected } from '../process/injected-environment.ts'
import { type Fault, noSetting } from './fault.ts'
import { settings } from './settings.ts'

/** What is set for one process, as `process.env` is. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The last five are read by the command line or the tests, not by the server. */
const known = new Set<string>([
  ...Object.values(settings).map(({ env }) => env),
  'TIDINGS_CONFIG',
  'TIDINGS_URL',
  'TIDINGS_KEY',
  'TIDINGS_CLIENT_ID',
  'TIDINGS_CLIENT_SECRET',
])

/** What an operator has set: Compose files write `${X:-}` for what is not, and Kubernetes adds variables of its own. */
export function givenEnvironment(env: Environment): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  for (const [name, value = ''] of Object.entries(env)) {
    if (name.startsWith('TIDINGS_') && value !== '' && !isInjected(name, value)) given.set(name, value)
  }
  return given
}

/** Variables that look like settings and are none. */
export function unknownVariables(environment: ReadonlyMap<string, string>): readonly Fault[] {
  return [...environment.keys()]
    .filter((name) => !known.has(name))
    .map((name) => ({ place: name, detail: noSetting(name, known) }))
}
