import { readFileSync } from 'node:fs'
import { type Document, parseDocument } from 'yaml'
import { nearestName } from '../core/text/nearest-name.ts'
import { systemWords } from '../core/text/system-words.ts'
import { isInjected } from '../process/injected-environment.ts'
import { configurationError, type SettingName, type SettingValues, settings } from './settings.ts'

/** Everything the server is configured with. */
export interface Config extends SettingValues {
  /** The file that was read, if any. */
  readonly file: string | null
  /** The text of that file, for the parts that are not settings (`eventTypes`). */
  readonly fileText: string | null
}

export interface ConfigSources {
  /** By setting name, as given on the command line; undefined ones are absent. */
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** `--config` or `TIDINGS_CONFIG`; else `tidings.yaml` in the working directory, when there is one. */
  readonly file?: string | undefined
}

/** Parts of the file that are read elsewhere. */
const fileSections = new Set(['eventTypes', 'entitySources', 'authorities', 'smtp', 'dialects'])

/**
 * Reads the configuration: flags over environment over file over defaults.
 * @throws AppError `invalid_configuration` with every fault at once.
 */
export function readConfig(sources: ConfigSources): Config {
  const faults: { place: string; detail: string }[] = []
  const environment = givenEnvironment(sources.env)
  const named = sources.file ?? environment.get('TIDINGS_CONFIG')
  const file = readFile(named, faults)
  const fromFile = file ? fileValues(file.path, file.text, faults) : new Map<string, string>()
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of Object.keys(settings) as SettingName[]) {
    const { env, parse, fallback } = settings[name]
    const candidates: [place: string, text: string | undefined][] = [
      [`--${flagOf(name)}`, sources.flags[name]],
      [env, environment.get(env)],
      [`${file?.path ?? 'file'}: ${name}`, fromFile.get(name)],
    ]
    const given = candidates.find(([, text]) => text !== undefined)
    if (given?.[1] === undefined) {
      values[name] = fallback
      continue
    }
    try {
      values[name] = parse(given[1])
    } catch (error) {
      faults.push({ place: given[0], detail: (error as Error).message })
    }
  }
  for (const name of environment.keys()) {
    if (!knownEnvironment.has(name)) faults.push({ place: name, detail: noSetting(name, knownEnvironment) })
  }
  if (faults.length > 0) throw configurationError(faults)
  return { ...(values as SettingValues), file: file?.path ?? null, fileText: file?.text ?? null }
}

/** Read by the command line or the tests, not by the server. */
const knownEnvironment = new Set([
  ...Object.values(settings).map(({ env }) => env as string),
  'TIDINGS_CONFIG',
  'TIDINGS_URL',
  'TIDINGS_KEY',
  'TIDINGS_CLIENT_ID',
  'TIDINGS_CLIENT_SECRET',
])

/** What an operator has set: Compose files write `${X:-}` for what is not, and Kubernetes adds variables of its own. */
function givenEnvironment(env: ConfigSources['env']): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  for (const [name, value = ''] of Object.entries(env)) {
    if (name.startsWith('TIDINGS_') && value !== '' && !isInjected(name, value)) given.set(name, value)
  }
  return given
}

function noSetting(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known)
  const question = nearest === undefined ? '' : ` Did you mean ${nearest}?`
  return `is not a setting.${question} \`tidings start --help\` shows them all`
}

export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function readFile(
  named: string | undefined,
  faults: { place: string; detail: string }[],
): { path: string; text: string } | null {
  const path = named ?? 'tidings.yaml'
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isMissing || named !== undefined) faults.push({ place: path, detail: `cannot be read: ${systemWords(error)}` })
    return null
  }
}

function fileValues(path: string, text: string, faults: { place: string; detail: string }[]): Map<string, string> {
  const values = new Map<string, string>()
  const document = parseDocument(text, { uniqueKeys: true })
  for (const error of document.errors) faults.push({ place: path, detail: error.message })
  if (document.errors.length > 0) return values
  const content = contentOf(document, path, faults)
  if (content === null || content === undefined) return values
  if (typeof content !== 'object' || Array.isArray(content)) {
    faults.push({ place: path, detail: 'must be a mapping of settings' })
    return values
  }
  for (const [name, value] of Object.entries(content)) {
    if (fileSections.has(name) || value === null) continue
    if (!Object.hasOwn(settings, name)) {
      faults.push({ place: `${path}: ${name}`, detail: noSetting(name, [...Object.keys(settings), ...fileSections]) })
    } else if (Array.isArray(value)) values.set(name, value.map(String).join(','))
    else if (typeof value === 'object') {
      faults.push({ place: `${path}: ${name}`, detail: 'must be a single value or a list' })
    } else values.set(name, String(value))
  }
  return values
}

/** A few lines can name each other so that they mean gigabytes; the library refuses to write them out. */
function contentOf(document: Document, path: string, faults: { place: string; detail: string }[]): unknown {
  try {
    return document.toJS()
  } catch (error) {
    faults.push({ place: path, detail: (error as Error).message })
    return null
  }
}
