import { isScalar, parseDocument, visit } from 'yaml'
import type { Dialect } from '../dialects/contract/dialect.ts'
import type { Config } from './config.ts'
import { configurationError } from './settings.ts'

type OperatorSettings = Readonly<Record<string, unknown>>

/**
 * What the operator set for dialects, in the configuration file:
 *
 *   dialects:
 *     fakturownia: { appName: myapp, locale: en }
 *
 * @throws AppError `invalid_configuration` with every fault at once
 */
export function readDialectSettings(
  config: Pick<Config, 'file' | 'fileText'>,
  dialects: readonly Dialect[],
): ReadonlyMap<string, OperatorSettings> {
  const section = config.fileText === null ? undefined : sectionOf(config.fileText)
  const read = new Map<string, OperatorSettings>()
  if (section === undefined || section === null) return read
  const faults: { place: string; detail: string }[] = []
  const place = `${config.file}: dialects`
  if (!isObject(section)) throw configurationError([{ place, detail: 'must be a mapping of dialects' }])
  for (const [name, given] of Object.entries(section)) {
    const dialect = dialects.find((known) => known.name === name)
    if (!dialect?.checkOperatorSettings) faults.push({ place: `${place}.${name}`, detail: 'has no settings' })
    else if (!isObject(given)) faults.push({ place: `${place}.${name}`, detail: 'must be a mapping of settings' })
    else {
      for (const { pointer, detail } of dialect.checkOperatorSettings(given)) {
        faults.push({ place: `${place}.${name}${pointer.replaceAll('/', '.')}`, detail })
      }
      read.set(name, given)
    }
  }
  if (faults.length > 0) throw configurationError(faults)
  return read
}

/** Keys that are tenant ids keep their digits: YAML reads a bare one as a number. */
function sectionOf(fileText: string): unknown {
  const document = parseDocument(fileText)
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && typeof key.value === 'number' && key.source !== undefined) key.value = key.source
    },
  })
  return document.toJS()?.dialects
}

function isObject(value: unknown): value is OperatorSettings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
