import { type ConfigFile, readConfigFile } from './config-file.ts'
import { type Environment, givenEnvironment, unknownVariables } from './environment.ts'
import { configurationError, type Fault, noSetting } from './fault.ts'
import { readSections, type SectionValues, sections } from './sections.ts'
import { readSetting, type SettingValues } from './setting-schema.ts'
import { flagOf, type SettingName, settings } from './settings.ts'

/** Everything the server is configured with. */
export interface Config extends SettingValues, SectionValues {
  /** The file that was read, if any. */
  readonly file: string | null
}

export interface ConfigSources {
  /** By setting name, as given on the command line; undefined ones are absent. */
  readonly flags: Readonly<Record<string, string | undefined>>
  readonly env: Environment
  /** `--config` or `TIDINGS_CONFIG`; else `tidings.yaml` in the working directory, when there is one. */
  readonly file?: string | undefined
}

/**
 * Reads the configuration: flags over environment over file over defaults.
 * @throws AppError `invalid_configuration` with every fault at once.
 */
export function readConfig(sources: ConfigSources): Config {
  const faults: Fault[] = []
  const environment = givenEnvironment(sources.env)
  const file = readConfigFile(sources.file ?? environment.get('TIDINGS_CONFIG'), faults)
  const fromFile = settingsOf(file, faults)
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of Object.keys(settings) as SettingName[]) {
    const { env, fallback } = settings[name]
    const candidates: [place: string, text: string | undefined][] = [
      [`--${flagOf(name)}`, sources.flags[name]],
      [env, environment.get(env)],
      [file?.placeOf([name]) ?? '', fromFile.get(name)],
    ]
    const [place, text = fallback] = candidates.find(([, given]) => given !== undefined) ?? ['']
    values[name] = readSetting(name, text, (detail) => faults.push({ place, detail }))
  }
  const read = readSections(file, faults)
  faults.push(...unknownVariables(environment))
  if (faults.length > 0) throw configurationError(faults)
  return { ...(values as SettingValues), ...read, file: file?.path ?? null }
}

/** The settings of the file as texts, as a flag would give them. */
function settingsOf(file: ConfigFile | null, faults: Fault[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(file?.content ?? {})) {
    if (Object.hasOwn(sections, name) || value === null) continue
    const fault = (detail: string) => faults.push({ place: file?.placeOf([name]) ?? name, detail })
    if (!Object.hasOwn(settings, name)) fault(noSetting(name, [...Object.keys(settings), ...Object.keys(sections)]))
    else if (Array.isArray(value)) values.set(name, value.map(String).join(','))
    else if (typeof value === 'object') fault('must be a single value or a list')
    else values.set(name, String(value))
  }
  return values
}
